using System.Diagnostics.CodeAnalysis;

namespace FedValue.Kernels;

/// <summary>
/// Adds what every tile contributes to a vector of sums: tiles of a chunk in order, then chunks in order, whoever computes them. Workers take
/// the chunks in ascending order; what is ready before its turn waits while its worker goes on, so at most two vectors per worker are alive
/// besides the total.
/// </summary>
static class ChunkedSum
{
    /// <summary>The sums over a model of the given length.</summary>
    /// <param name="length">d.</param>
    /// <param name="sums">How many sums.</param>
    /// <param name="threads">Workers at most.</param>
    /// <param name="run">How many successive tiles of a chunk a worker gets at once, at most.</param>
    /// <param name="newWorker">Makes a worker with its own scratch memory: adds what tiles contribute to the sums, tile by tile for each sum.</param>
    public static double[] Of(int length, int sums, int threads, int run, Func<Action<TileRun, double[]>> newWorker)
    {
        var schedule = new TileSchedule(length);
        int workers = Math.Min(threads, schedule.Chunks);
        var total = new TotalInTurn(sums, schedule.Chunks, vectors: 2 * workers);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            // Whoever finds no chunk left needs no memory.
            Action<TileRun, double[]>? addTiles = null;
            while (total.TryTake(out int chunk, out double[]? sum))
            {
                try
                {
                    addTiles ??= newWorker();
                    (int first, int end) = schedule.TilesOf(chunk);
                    for (int tile = first; tile < end; tile += run)
                        addTiles(new TileRun(tile, Math.Min(tile + run, end)), sum);
                }
                finally
                {
                    // Also after an exception: whoever waits for this chunk must not wait forever.
                    total.Add(chunk, sum);
                }
            }
        });
        return total.Sums;
    }
}

/// <summary>A vector of sums to which those of chunks are added in the order of the chunks.</summary>
/// <param name="sums">How many sums.</param>
/// <param name="chunks">How many chunks.</param>
/// <param name="vectors">How many vectors may be filled or wait at once, 1 or more.</param>
sealed class TotalInTurn(int sums, int chunks, int vectors)
{
    readonly object _gate = new();
    readonly Stack<double[]> _free = new(vectors);
    readonly double[]?[] _ready = new double[chunks][];
    int _made, _taken, _turn;

    /// <summary>The sums over all chunks that were added.</summary>
    public double[] Sums { get; } = new double[sums];

    /// <summary>
    /// The next chunk and zeros for it, once one of the vectors is free; false when all chunks are taken. Chunk and vector are handed out
    /// together: so whoever has the chunk whose turn it is has a vector for it, and the others wait for no one who waits.
    /// </summary>
    public bool TryTake(out int chunk, [NotNullWhen(true)] out double[]? sum)
    {
        lock (_gate)
        {
            while (_taken < chunks && _free.Count == 0 && _made == vectors)
                Monitor.Wait(_gate);
            (chunk, sum) = (_taken, null);
            if (_taken == chunks)
                return false;
            if (_free.TryPop(out sum))
            {
                Array.Clear(sum);
            }
            else
            {
                sum = new double[sums]; // where there is no memory for it, nothing has been taken yet
                _made++;
            }
            _taken++;
            return true;
        }
    }

    /// <summary>Adds a chunk as soon as those before it are there.</summary>
    public void Add(int chunk, double[] sum)
    {
        lock (_gate)
        {
            _ready[chunk] = sum;
            for (; _turn < chunks && _ready[_turn] is { } next; _turn++)
            {
                for (int i = 0; i < Sums.Length; i++)
                    Sums[i] += next[i];
                _ready[_turn] = null;
                _free.Push(next);
            }
            Monitor.PulseAll(_gate);
        }
    }
}

/// <summary>Successive tiles.</summary>
/// <param name="First">The first one.</param>
/// <param name="End">The one behind the last.</param>
readonly record struct TileRun(int First, int End);
