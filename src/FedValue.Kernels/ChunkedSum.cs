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
    /// <param name="newWorker">Makes a worker with its own scratch memory: adds what a tile contributes to the sums.</param>
    public static double[] Of(int length, int sums, int threads, Func<Action<int, double[]>> newWorker)
    {
        var schedule = new TileSchedule(length);
        var total = new double[sums];
        int taken = -1, turn = 0;
        object gate = new();
        Parallel.For(0, Math.Min(threads, schedule.Chunks), new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            // Whoever finds no chunk left needs no memory.
            Action<int, double[]>? addTile = null;
            double[]? sum = null;
            for (int chunk = Interlocked.Increment(ref taken); chunk < schedule.Chunks; chunk = Interlocked.Increment(ref taken))
            {
                try
                {
                    addTile ??= newWorker();
                    Array.Clear(sum ??= new double[sums]);
                    (int first, int end) = schedule.TilesOf(chunk);
                    for (int tile = first; tile < end; tile++)
                        addTile(tile, sum);
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
