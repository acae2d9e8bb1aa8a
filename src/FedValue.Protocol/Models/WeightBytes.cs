using System.Buffers.Binary;
using System.Diagnostics;
using FedValue.Protocol.Safetensors;
using static FedValue.Protocol.Safetensors.TensorType;

namespace FedValue.Protocol.Models;

/// <summary>
/// fp32 weights as the bytes of a manifest's type, little-endian, and back. F16 and BF16 are widened exactly, F64 is rounded to the nearest
/// fp32 (ties to even); the other way F64 is exact, F16 and BF16 are rounded to the nearest, ties to even.
/// </summary>
static class WeightBytes
{
    public static void Read(TensorType type, ReadOnlySpan<byte> bytes, Span<float> weights)
    {
        switch (type)
        {
            case F32:
                LittleEndian.CopyTo(bytes, weights);
                break;
            case F16:
                for (int i = 0; i < weights.Length; i++)
                    weights[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                break;
            case BF16:
                for (int i = 0; i < weights.Length; i++)
                    weights[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                break;
            case F64:
                for (int i = 0; i < weights.Length; i++)
                    weights[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                break;
            default:
                throw NoWeight(type);
        }
    }

    public static void Write(TensorType type, ReadOnlySpan<float> weights, Span<byte> bytes)
    {
        switch (type)
        {
            case F32:
                LittleEndian.CopyTo(weights, bytes);
                break;
            case F16:
                for (int i = 0; i < weights.Length; i++)
                    BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)weights[i]);
                break;
            case BF16:
                for (int i = 0; i < weights.Length; i++)
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], UpperHalf(weights[i]));
                break;
            case F64:
                for (int i = 0; i < weights.Length; i++)
                    BinaryPrimitives.WriteDoubleLittleEndian(bytes[(8 * i)..], weights[i]);
                break;
            default:
                throw NoWeight(type);
        }
    }

    /// <summary>Makes weights those that their bytes hold.</summary>
    public static void Round(TensorType type, Span<float> weights)
    {
        foreach (ref float weight in weights)
        {
            weight = type switch
            {
                F16 => (float)(Half)weight,
                BF16 => BitConverter.UInt32BitsToSingle((uint)UpperHalf(weight) << 16),
                _ => weight,
            };
        }
    }

    /// <summary>Whether a weight is finite and stays so in this type.</summary>
    public static bool StaysFinite(TensorType type, float weight) => type switch
    {
        F16 => Half.IsFinite((Half)weight),
        BF16 => float.IsFinite(BitConverter.UInt32BitsToSingle((uint)UpperHalf(weight) << 16)),
        _ => float.IsFinite(weight),
    };

    static ushort UpperHalf(float weight)
    {
        uint bits = BitConverter.SingleToUInt32Bits(weight);
        return float.IsNaN(weight)
            ? (ushort)(bits >> 16 | 0x40) // quiet, because the lower half may have held the only bit that made it a NaN
            : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    static UnreachableException NoWeight(TensorType type) => new($"No manifest has a weight of type {type}.");
}
