using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedValue.Kernels.Products;

namespace FedValue.Kernels.Tiles;

/// <summary>The loops of <see cref="TileLayer"/> over the blocks of one register kernel.</summary>
static class TileProduct<TKernel> where TKernel : struct, IRegisterKernel
{
    /// <summary>Units rounded up to whole blocks.</summary>
    public static int Padded(int outputs) => (outputs + TKernel.Rows - 1) / TKernel.Rows * TKernel.Rows;

    /// <summary>Panels of <c>Rows</c> units, each input by input; missing units are 0.</summary>
    public static void Pack(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> packed)
    {
        ref float from = ref MemoryMarshal.GetReference(weights[..(inputs * outputs)]);
        ref float to = ref MemoryMarshal.GetReference(packed[..(inputs * Padded(outputs))]);
        for (int unit = 0; unit < outputs; unit += TKernel.Rows)
        {
            Packing.PanelOfA(ref Unsafe.Add(ref from, (nint)unit * inputs), inputs, Math.Min(TKernel.Rows, outputs - unit), inputs,
                TKernel.Rows, ref Unsafe.Add(ref to, (nint)unit * inputs), TKernel.Rows);
        }
    }

    /// <summary>output (units x rows of the tile) += packed weights times input (inputs x rows of the tile).</summary>
    public static void MultiplyAdd(ReadOnlySpan<float> packed, ReadOnlySpan<float> input, int inputs, int outputs, Span<float> output)
    {
        int padded = Padded(outputs);
        ref float a = ref MemoryMarshal.GetReference(packed[..(inputs * padded)]);
        ref float b = ref MemoryMarshal.GetReference(input[..(inputs * TileLayer.Rows)]);
        ref float c = ref MemoryMarshal.GetReference(output[..(padded * TileLayer.Rows)]);
        for (int column = 0; column < TileLayer.Rows; column += TKernel.Columns)
        {
            for (int unit = 0; unit < padded; unit += TKernel.Rows)
            {
                TKernel.Run(inputs, ref Unsafe.Add(ref a, (nint)unit * inputs), ref Unsafe.Add(ref b, column), TileLayer.Rows,
                    ref Unsafe.Add(ref c, unit * TileLayer.Rows + column), TileLayer.Rows, fresh: false);
            }
        }
    }
}
