namespace FedValue.Kernels;

/// <summary>
/// Hands out the rows of successive tiles, four at a time. What is not a multiple of 8 long, which is where a model ends at most, is copied
/// and filled up with zeros; everything else is read where it lies. One worker's own.
/// </summary>
sealed class TileReader(UpdateRows rows)
{
    float[] _weights = []; // four models and the base
    double[] _vector = [];

    /// <summary>The first element of the tiles.</summary>
    public int Start { get; private set; }

    /// <summary>How many elements of the model the tiles have.</summary>
    public int Length { get; private set; }

    /// <summary>The same, up to the next multiple of 8.</summary>
    public int Padded { get; private set; }

    public void MoveTo(TileRun run)
    {
        (Start, Length) = new TileSchedule(rows.Length).ElementsOf(run);
        Padded = UpdateRows.RoundUp(Length);
        if (Length != Padded && _weights.Length < 5 * Padded)
            (_weights, _vector) = (new float[5 * Padded], new double[Padded]);
    }

    /// <summary>
    /// Up to four of the members (indices of rows), from the given place on; valid until the next call. Asking for it costs as much as reading a
    /// hundred elements, since every model's own memory is asked: four rows of many tiles are better than of one.
    /// </summary>
    public FourRows Rows(ReadOnlySpan<int> members, int place)
    {
        int last = Math.Min(place + 3, members.Length - 1);
        int a = members[place], b = members[Math.Min(place + 1, last)], c = members[Math.Min(place + 2, last)], d = members[last];
        return new FourRows(
            Pad(rows.Base, _weights, 4), Pad(rows.Model(a), _weights, 0), Pad(rows.Model(b), _weights, 1), Pad(rows.Model(c), _weights, 2),
            Pad(rows.Model(d), _weights, 3), last - place + 1);
    }

    /// <summary>The tiles' part of a vector of d doubles; valid until the next call.</summary>
    public ReadOnlySpan<double> Part(double[] vector) => Pad(vector, _vector, 0);

    ReadOnlySpan<T> Pad<T>(ReadOnlySpan<T> whole, T[] buffer, int place)
    {
        ReadOnlySpan<T> part = whole.Slice(Start, Length);
        if (Length == Padded)
            return part;
        Span<T> padded = buffer.AsSpan(place * Padded, Padded);
        part.CopyTo(padded);
        padded[Length..].Clear();
        return padded;
    }
}
