namespace FedValue.Kernels;

/// <summary>Looks for numbers that are NaN or infinite while their bytes arrive; for those that are carried along and not measured.</summary>
public sealed class FiniteScan(WeightFormat format)
{
    readonly byte[] _cut = new byte[sizeof(double)]; // a number of which not all bytes have come
    int _filled;
    long _seen;

    /// <summary>The index of the first number that is NaN or infinite and the number; null while there is none.</summary>
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
        for (int i = 0; First is null && i < count; i++)
        {
            double value = format.ValueAt(bytes, i);
            if (!double.IsFinite(value))
                First = (_seen + i, value);
        }
        _seen += count;
    }
}
