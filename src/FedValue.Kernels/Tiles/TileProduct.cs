using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedValue.Kernels.Products;

namespace FedValue.Kernels.Tiles;

/// <summary>
/// The loops of <see cref="TileLayer"/> over the blocks of a register kernel; the units behind its last whole block go through a smaller
/// kernel where that computes fewer.
/// </summary>
static class TileProduct<TKernel, TRest> where TKernel : struct, IRegisterKernel where TRest : struct, IRegisterKernel
{
    const int InputsAtOnce = 128; // their 16 KiB stay in the first cache beside a panel

    /// <summary>Units rounded up to whole blocks.</summary>
    public static int Padded(int outputs)
    {
        int whole = outputs / TKernel.Rows * TKernel.Rows;
        return whole + Math.Min(TKernel.Rows, (outputs - whole + TRest.Rows - 1) / TRest.Rows * TRest.Rows);
    }

    /// <summary>Panels of as many units as their block has rows, each input by input; missing units are 0.</summary>
    public static void Pack(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> packed)
    {
        int padded = Padded(outputs);
        ref float from = ref MemoryMarshal.GetReference(weights[..(inputs * outputs)]);
        ref float to = ref MemoryMarshal.GetReference(packed[..(inputs * padded)]);
        for (int unit = 0, rows; unit < padded; unit += rows)
        {
            rows = RowsAt(unit, padded);
            Packing.PanelOfA(ref Unsafe.Add(ref from, (nint)unit * inputs), inputs, Math.Min(rows, outputs - unit), inputs, rows,
                ref Unsafe.Add(ref to, (nint)unit * inputs), rows);
        }
    }

    /// <summary>output (units x rows of the tile) += packed weights of inputs from the first on times those inputs (x rows of the tile).</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<float> packed, int inputs, int first, ReadOnlySpan<float> input, int outputs, Span<float> output)
    {
        int padded = Padded(outputs), all = input.Length / TileLayer.Rows;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + all, inputs);
        ref float a = ref MemoryMarshal.GetReference(packed[..(inputs * padded)]);
        ref float b = ref MemoryMarshal.GetReference(input);
        ref float c = ref MemoryMarshal.GetReference(output[..(padded * TileLayer.Rows)]);
        for (int done = 0, count; done < all; done += count)
        {
            count = Math.Min(InputsAtOnce, all - done);
            for (int unit = 0, rows; unit < padded; unit += rows)
            {
                rows = RowsAt(unit, padded);
                ref float panel = ref Unsafe.Add(ref a, (nint)unit * inputs + (first + done) * rows);
                ref float from = ref Unsafe.Add(ref b, done * TileLayer.Rows), block = ref Unsafe.Add(ref c, unit * TileLayer.Rows);
                if (rows == TKernel.Rows)
                    Run<TKernel>(count, ref panel, ref from, ref block);
                else
                    Run<TRest>(count, ref panel, ref from, ref block);
            }
        }
    }

    static void Run<T>(int count, ref float panel, ref float b, ref float block) where T : struct, IRegisterKernel
    {
        for (int column = 0; column < TileLayer.Rows; column += T.Columns)
        {
            T.Run(count, ref panel, ref Unsafe.Add(ref b, column), TileLayer.Rows, ref Unsafe.Add(ref block, column), TileLayer.Rows,
                fresh: false);
        }
    }

    static int RowsAt(int unit, int padded) => padded - unit >= TKernel.Rows ? TKernel.Rows : TRest.Rows;
}
