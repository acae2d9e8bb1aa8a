using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>Looks for numbers that are NaN or infinite while their bytes arrive; for those that nothing is measured of.</summary>
/// <param name="format">How they are written.</param>
/// <param name="asSingle">Whether they are weights, so that a F64 beyond the range of fp32 is infinite.</param>
public sealed class FiniteScan(WeightFormat format, bool asSingle = false)
{
    readonly byte[] _cut = new byte[sizeof(double)]; // a number of which not all bytes have come
    int _filled;
    long _seen;

    /// <summary>The index of the first number that is NaN or infinite and the number as it is written; null while there is none.</summary>
    public (long Index, double Value)? First { get; private set; }

    /// <summary>The next bytes, any number of them.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        int width = format.Width();
        if (_filled > 0)
        {
            int taken = Math.Min(width - _filled, bytes.Length);
            bytes[..taken].CopyTo(_cut.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled < width)
                return;
            Look(_cut.AsSpan(0, width));
        }
        int whole = bytes.Length / width * width;
        Look(bytes[..whole]);
        _filled = bytes.Length - whole;
        bytes[whole..].CopyTo(_cut);
    }

    void Look(ReadOnlySpan<byte> bytes)
    {
        int count = bytes.Length / format.Width();
        if (First is null && MayHoldOne(bytes))
            Find(bytes, count);
        _seen += count;
    }

    void Find(ReadOnlySpan<byte> bytes, int count)
    {
        for (int i = 0; First is null && i < count; i++)
        {
            double value = format.ValueAt(bytes, i);
            if (!(asSingle ? float.IsFinite((float)value) : double.IsFinite(value)))
                First = (_seen + i, value);
        }
    }

    /// <summary>Whether a number has an exponent of all ones, or is to be looked at by its value.</summary>
    bool MayHoldOne(ReadOnlySpan<byte> bytes) => format switch
    {
        WeightFormat.F16 => HoldsAll<ushort>(bytes, 0x7c00),
        WeightFormat.BF16 => HoldsAll<ushort>(bytes, 0x7f80),
        WeightFormat.F64 => asSingle || HoldsAll<ulong>(bytes, 0x7ffUL << 52),
        _ => HoldsAll(bytes, 0xffu << 23),
    };

    /// <summary>Whether one of the integers has all bits of the mask.</summary>
    static bool HoldsAll<T>(ReadOnlySpan<byte> bytes, T mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> numbers = MemoryMarshal.Cast<byte, T>(bytes);
        ref T first = ref MemoryMarshal.GetReference(numbers);
        Vector256<T> bits = Vector256.Create(mask);
        int i = 0;
        for (; i <= numbers.Length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            if (Vector256.EqualsAny(Vector256.LoadUnsafe(ref first, (nuint)i) & bits, bits))
                return true;
        }
        for (; i < numbers.Length; i++)
        {
            if ((numbers[i] & mask) == mask)
                return true;
        }
        return false;
    }
}
