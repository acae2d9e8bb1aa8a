namespace FedValue.Contracts.Kernels;

/// <summary>
/// The documented order of every sum over d weights, written once more without vectors: tiles of 2,048 elements, element i of a tile in
/// lane i mod 8, product and sum rounded separately, lanes added by halves, tiles of a chunk in order, at most 16 chunks in order.
/// </summary>
public static class LaneContract
{
    const int TileLength = 2048;
    const int ChunksMax = 16;

    /// <summary>The inner product of two vectors of d doubles, to the bit.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int tiles = (a.Length + TileLength - 1) / TileLength;
        int chunks = Math.Min(tiles, ChunksMax);
        double total = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            double sum = 0;
            for (int tile = chunk * tiles / chunks; tile < (chunk + 1) * tiles / chunks; tile++)
            {
                int start = tile * TileLength, length = Math.Min(TileLength, a.Length - start);
                sum += Tile(a.Slice(start, length), b.Slice(start, length));
            }
            total += sum;
        }
        return total;
    }

    /// <summary>The inner product inside one tile.</summary>
    public static double Tile(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Span<double> l = stackalloc double[8];
        l.Clear();
        for (int i = 0; i < a.Length; i++)
        {
            double product = a[i] * b[i];
            l[i % 8] += product;
        }
        return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
    }
}
