namespace FedValue.Kernels;

/// <summary>
/// How a sum over the d weights of a model is cut, so that its bits depend on d alone: tiles of 2,048 elements, eight lanes in a tile
/// (element i of the tile belongs to lane i mod 8), at most 16 chunks of whole tiles. Lanes are added by halves, tiles of a chunk in order,
/// chunks in order. Threads may take whole chunks; nothing else may be split.
/// </summary>
/// <param name="length">The number of elements, d.</param>
readonly struct TileSchedule(int length)
{
    public const int TileLength = 2048;
    public const int Lanes = 8;
    const int ChunksMax = 16;

    public int Tiles => length / TileLength + (length % TileLength == 0 ? 0 : 1);

    public int Chunks => Math.Min(Tiles, ChunksMax);

    public (int First, int End) TilesOf(int chunk) =>
        ((int)((long)chunk * Tiles / Chunks), (int)((long)(chunk + 1) * Tiles / Chunks));

    public (int Start, int Length) ElementsOf(int tile) => ElementsOf(new TileRun(tile, tile + 1));

    public (int Start, int Length) ElementsOf(TileRun run)
    {
        int start = run.First * TileLength;
        return (start, Math.Min((run.End - run.First) * TileLength, length - start)); // the end times 2,048 may be more than an integer holds
    }

    /// <summary>How many of so many elements belong to the tile that starts at one of them.</summary>
    public static int LengthAt(int start, int length) => Math.Min(TileLength, length - start);
}
