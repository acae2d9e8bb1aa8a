namespace FedValue.Kernels;

/// <summary>
/// One to four rows as the kernels read them: row r is model r minus the origin, formed in double when it is loaded. All spans
/// have the same length, a multiple of 8; where there are fewer than four rows, the last one stands in the places behind it.
/// </summary>
readonly ref struct FourRows(
    ReadOnlySpan<float> origin, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d, int count)
{
    public readonly ReadOnlySpan<float> Origin = origin;
    public readonly ReadOnlySpan<float> A = a[..origin.Length];
    public readonly ReadOnlySpan<float> B = b[..origin.Length];
    public readonly ReadOnlySpan<float> C = c[..origin.Length];
    public readonly ReadOnlySpan<float> D = d[..origin.Length];

    /// <summary>What belongs to the tile that starts at an element.</summary>
    public FourRows TileAt(int start)
    {
        int length = TileSchedule.LengthAt(start, Origin.Length);
        return new FourRows(
            Origin.Slice(start, length), A.Slice(start, length), B.Slice(start, length), C.Slice(start, length), D.Slice(start, length), Count);
    }

    /// <summary>Row 0 to 3.</summary>
    public ReadOnlySpan<float> this[int row] => row switch { 0 => A, 1 => B, 2 => C, _ => D };

    /// <summary>How many rows there are: 1 to 4.</summary>
    public readonly int Count = count;
}
