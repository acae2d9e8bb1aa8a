using System.Collections.Concurrent;
using FedValue.Kernels.Tiles;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Learning;

/// <summary>How models of coalitions are measured; a function of rule, network and sizes, never a choice.</summary>
public enum CoalitionPath
{
    /// <summary>The general way: the rule forms every coalition's model, which then passes over all validation rows.</summary>
    RebuiltModels,

    /// <summary>The first layer's pre-activations of every member are there once, and a coalition's are their weighted sum.</summary>
    FirstLayerSums,
}

/// <summary>
/// Measures the models origin + scale * sum_S(factors_i x_i) / sum_S(divisors_i) of coalitions S without forming their first layers: those are
/// the same combination of the pre-activations of origin and x_i. Sums run over ascending members, in fp32 with fused multiply-adds, divisors
/// in double; so one coalition and the walk over all of them give the same bits, on any number of threads. Not for the empty coalition.
/// </summary>
sealed class CoalitionSums
{
    /// <summary>The most floats of parts, 512 MiB: rounds beyond take the general way, however they are valued.</summary>
    public const long FloatsMax = 1 << 27;

    readonly TiledNetwork _network;
    readonly TiledRows _rows;
    readonly ConcurrentStack<CoalitionPass> _passes = []; // not a bag, whose threads would keep it alive through the passes

    public CoalitionSums(
        TiledNetwork network, TiledRows rows, TiledModel origin, TiledModel[] parts, double[] factors, double[] divisors, double scale)
    {
        _network = network;
        _rows = rows;
        Origin = origin;
        Parts = parts;
        Factors = Array.ConvertAll(factors, factor => (float)factor);
        Divisors = divisors;
        Scale = scale;
    }

    /// <summary>
    /// Whether pre-activations and deeper weights of so many members and the origin, not counting what packing pads, are within
    /// <see cref="FloatsMax"/>; never without members.
    /// </summary>
    public static bool Fits(Network network, int validationRows, int members)
    {
        DenseLayer first = network.Layers[0];
        long deep = network.WeightCount - (first.Inputs + 1L) * first.Outputs;
        return members > 0 && (members + 1) * ((long)TiledRows.TilesOf(validationRows) * TileLayer.Rows * first.Outputs + deep) <= FloatsMax;
    }

    public TiledModel Origin { get; }

    public TiledModel[] Parts { get; }

    public float[] Factors { get; }

    public double[] Divisors { get; }

    public double Scale { get; }

    /// <summary>Losses and hits of one coalition, rows in order within a block.</summary>
    /// <param name="members">1 or more, ascending.</param>
    public ValidationScore Score(ReadOnlySpan<int> members)
    {
        var score = new ValidationScore(new double[Jackknife.Blocks], new int[Jackknife.Blocks]);
        CoalitionPass pass = Take();
        pass.Score(members, score.Losses, score.Correct);
        _passes.Push(pass);
        return score;
    }

    /// <summary>Adds losses and hits of all coalitions but the empty one, by bit mask: 2^n x blocks numbers that are 0 before.</summary>
    /// <param name="losses">Receives the losses.</param>
    /// <param name="correct">Receives the rows classified correctly; empty where nobody asks.</param>
    /// <param name="threads">How many walk at once; changes no bit.</param>
    /// <param name="cancellation">Stops within a fraction of the work.</param>
    public void ScoreAll(double[] losses, int[] correct, int threads, CancellationToken cancellation)
    {
        // A group of tiles is walked by all threads before the next, each by some of the subtrees that share their first members: so every
        // sum over rows has one owner at a time, in the order of the rows.
        int shared = threads == 1 ? 0 : Math.Min(Parts.Length - 1, 4 + int.Log2(threads));
        int tilesAtOnce = CoalitionPass.TilesOfGroup(_network);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        for (int first = 0; first < _rows.Tiles; first += tilesAtOnce)
        {
            int from = first, count = Math.Min(tilesAtOnce, _rows.Tiles - first);
            cancellation.ThrowIfCancellationRequested();
            if (threads == 1)
                Walk(0, from, count);
            else
                Parallel.For(0, 1 << shared, parallel, prefix => Walk(prefix, from, count));
        }

        void Walk(int prefix, int from, int count)
        {
            CoalitionPass pass = Take();
            pass.Walk(prefix, shared, from, count, losses, correct);
            _passes.Push(pass);
        }
    }

    CoalitionPass Take() => _passes.TryPop(out CoalitionPass? pass) ? pass : new CoalitionPass(this, _network, _rows);
}
