using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>How a weight is written in bytes, little-endian.</summary>
public enum WeightFormat
{
    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary16, widened to fp32 exactly.</summary>
    F16,

    /// <summary>The upper half of a binary32, widened to fp32 exactly.</summary>
    BF16,

    /// <summary>IEEE binary64, rounded to the nearest fp32, ties to even.</summary>
    F64,
}

/// <summary>Numbers of a format as fp32.</summary>
static class WeightFormats
{
    public static int Width(this WeightFormat format) => format switch
    {
        WeightFormat.F32 => 4,
        WeightFormat.F64 => 8,
        _ => 2,
    };

    /// <summary>The weights whose bytes these are: in the given place, which has room for exactly them, or where the bytes lie for F32.</summary>
    public static ReadOnlySpan<float> Widen(this WeightFormat format, ReadOnlySpan<byte> bytes, Span<float> weights)
    {
        switch (format)
        {
            case WeightFormat.F16:
                WidenHalves(MemoryMarshal.Cast<byte, ushort>(bytes), weights);
                return weights;
            case WeightFormat.BF16:
                WidenUpperHalves(MemoryMarshal.Cast<byte, ushort>(bytes), weights);
                return weights;
            case WeightFormat.F64:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (int i = 0; i < weights.Length; i++)
                    weights[i] = (float)doubles[i];
                return weights;
            default:
                return MemoryMarshal.Cast<byte, float>(bytes);
        }
    }

    /// <summary>One number as it is written.</summary>
    public static double ValueAt(this WeightFormat format, ReadOnlySpan<byte> bytes, int index) => format switch
    {
        WeightFormat.F32 => MemoryMarshal.Cast<byte, float>(bytes)[index],
        WeightFormat.F16 => (double)BitConverter.UInt16BitsToHalf(MemoryMarshal.Cast<byte, ushort>(bytes)[index]),
        WeightFormat.BF16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(bytes)[index] << 16),
        _ => MemoryMarshal.Cast<byte, double>(bytes)[index],
    };

    static void WidenUpperHalves(ReadOnlySpan<ushort> halves, Span<float> weights)
    {
        int i = 0;
        for (; i <= halves.Length - 8; i += 8)
            (Widened(halves, i) << 16).AsSingle().CopyTo(weights[i..]);
        for (; i < halves.Length; i++)
            weights[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }

    static void WidenHalves(ReadOnlySpan<ushort> halves, Span<float> weights)
    {
        int i = 0;
        for (; i <= halves.Length - 8; i += 8)
        {
            Vector256<uint> bits = Widened(halves, i);
            Vector256<uint> size = bits & Vector256.Create(0x7fffu), exponent = size & Vector256.Create(0x7c00u);
            // The fraction moves up by 13 and the exponent's bias grows by 112; all ones stay all ones.
            Vector256<uint> bias = Vector256.ConditionalSelect(
                Vector256.Equals(exponent, Vector256.Create(0x7c00u)), Vector256.Create(224u << 23), Vector256.Create(112u << 23));
            Vector256<uint> normal = (size << 13) + bias;
            // Below the least exponent a number is its fraction times 2^-24; going by way of integers meets no denormal, which would be slow.
            Vector256<uint> small = (Vector256.ConvertToSingle(size.AsInt32()) * (1f / (1 << 24))).AsUInt32();
            Vector256<uint> either = Vector256.ConditionalSelect(Vector256.Equals(exponent, Vector256<uint>.Zero), small, normal);
            (either | (bits & Vector256.Create(0x8000u)) << 16).AsSingle().CopyTo(weights[i..]);
        }
        for (; i < halves.Length; i++)
            weights[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
    }

    static Vector256<uint> Widened(ReadOnlySpan<ushort> halves, int start)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Create(halves.Slice(start, 8)));
        return Vector256.Create(low, high);
    }
}
