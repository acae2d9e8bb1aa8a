using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        if (row < rows && rows >= 8 && Avx.IsSupported)
        {
            row = rows - 8; // some of them a second time, which costs less than fours and twos
            Transposes.Rows8(ref Unsafe.Add(ref a, (nint)row * strideA), strideA, k, ref Unsafe.Add(ref panel, row), strideOut);
            row = rows;
        }
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
        if (columns == panelColumns && columns % Vector512<float>.Count == 0)
        {
            WholePanelOfB(b[..((k - 1) * strideB + columns)], strideB, k, columns, panel);
            return;
        }
        for (int i = 0; i < k; i++)
        {
            Span<float> row = panel.Slice(i * panelColumns, panelColumns);
            b.Slice(i * strideB, columns).CopyTo(row);
            row[columns..].Clear();
        }
    }

    static void WholePanelOfB(ReadOnlySpan<float> b, int strideB, int k, int columns, Span<float> panel)
    {
        ref float from = ref MemoryMarshal.GetReference(b);
        ref float to = ref MemoryMarshal.GetReference(panel[..(k * columns)]);
        for (int i = 0; i < k; i++)
        {
            nuint source = (nuint)i * (nuint)strideB, target = (nuint)(i * columns);
            for (nuint c = 0; c < (nuint)columns; c += (nuint)Vector512<float>.Count)
                Vector512.LoadUnsafe(ref from, source + c).StoreUnsafe(ref to, target + c);
        }
    }
}
