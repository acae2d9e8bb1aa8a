namespace FedValue.Kernels;

/// <summary>
/// Adds what every tile contributes to a vector of sums: tiles of a chunk in order, then chunks in order, whoever computes them. Workers take
/// the chunks in ascending order and add theirs when its turn has come, so only one vector per worker is alive besides the total.
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
        var total = new double[sums];
        int taken = -1, turn = 0;
        object gate = new();
        Parallel.For(0, Math.Min(threads, schedule.Chunks), new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            // Whoever finds no chunk left needs no memory.
            Action<TileRun, double[]>? addTiles = null;
            double[]? sum = null;
            for (int chunk = Interlocked.Increment(ref taken); chunk < schedule.Chunks; chunk = Interlocked.Increment(ref taken))
            {
                try
                {
                    addTiles ??= newWorker();
                    Array.Clear(sum ??= new double[sums]);
                    (int first, int end) = schedule.TilesOf(chunk);
                    for (int tile = first; tile < end; tile += run)
                        addTiles(new TileRun(tile, Math.Min(tile + run, end)), sum);
                }
                finally
                {
                    // Also after an exception: whoever waits for this chunk must not wait forever.
                    AddInTurn(chunk, sum);
                }
            }
        });
        return total;

        void AddInTurn(int chunk, double[]? sum)
        {
            lock (gate)
            {
                while (turn != chunk)
                    Monitor.Wait(gate);
                for (int i = 0; i < sums && sum is not null; i++)
                    total[i] += sum[i];
                turn++;
                Monitor.PulseAll(gate);
            }
        }
    }
}

/// <summary>Successive tiles.</summary>
/// <param name="First">The first one.</param>
/// <param name="End">The one behind the last.</param>
readonly record struct TileRun(int First, int End);
