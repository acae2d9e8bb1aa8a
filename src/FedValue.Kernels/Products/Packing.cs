using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FedValue.Kernels.Products;

/// <summary>Copies of parts of A and B in the order in which a register kernel reads them; a copy changes no bit.</summary>
static class Packing
{
    /// <summary>
    /// One panel of A: rows (at most panelRows) x k becomes k x panelRows (stride strideOut), missing rows 0. Source element (r, i) is
    /// a[r * strideA + i].
    /// </summary>
    public static void PanelOfA(ref float a, int strideA, int rows, int k, int panelRows, ref float panel, int strideOut)
    {
        int row = 0;
        for (; row + 8 <= rows && Avx.IsSupported; row += 8)
            Transposes.Rows8(ref Unsafe.Add(ref a, (nint)row * strideA), strideA, k, ref Unsafe.Add(ref panel, row), strideOut);
        for (; row + 4 <= rows && Sse.IsSupported; row += 4)
            Transposes.Rows4(ref Unsafe.Add(ref a, (nint)row * strideA), strideA, k, ref Unsafe.Add(ref panel, row), strideOut);
        for (; row + 2 <= rows && Sse.IsSupported; row += 2)
            Transposes.Rows2(ref Unsafe.Add(ref a, (nint)row * strideA), strideA, k, ref Unsafe.Add(ref panel, row), strideOut);
        for (; row < rows; row++)
            Transposes.Row(ref Unsafe.Add(ref a, (nint)row * strideA), k, ref Unsafe.Add(ref panel, row), strideOut);
        for (; row < panelRows; row++)
        {
            for (nint i = 0; i < k; i++)
                Unsafe.Add(ref panel, i * strideOut + row) = 0;
        }
    }

    /// <summary>One panel of B: k x columns (at most panelColumns) becomes k x panelColumns, missing columns 0.</summary>
    public static void PanelOfB(ReadOnlySpan<float> b, int strideB, int k, int columns, int panelColumns, Span<float> panel)
    {
        for (int i = 0; i < k; i++)
        {
            Span<float> row = panel.Slice(i * panelColumns, panelColumns);
            b.Slice(i * strideB, columns).CopyTo(row);
            row[columns..].Clear();
        }
    }
}
