using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Games;

namespace FedValue.Benchmarks;

/// <summary>A game that is known completely: 2^n utilities by bit mask.</summary>
sealed class KnownGame(string name, double[] utilities) : IUtility
{
    public string Name { get; } = name;

    public int Players => int.Log2(utilities.Length);

    public int Columns => 1;

    public void Evaluate(Coalition coalition, Span<double> columns) =>
        columns[0] = utilities[coalition.Members().Sum(player => 1 << player)];

    /// <summary>The third round of a federation of ten unequal participants on digits, two of them with flipped labels, one a free rider.</summary>
    public static async Task<KnownGame> DigitsAsync()
    {
        var options = new SimulationOptions
        {
            Dataset = "digits", Partition = "dirichlet:1", Participants = 10, Corrupt = ["label-flip:0.6@2,5", "free-rider@3"], Rounds = 3,
            Methods = ["exact"],
        };
        var ledger = new InMemoryLedgerStore();
        var blobs = new InMemoryBlobStore();
        await new SimulationRunner(SimulationPlan.Prepare(options), ledger, blobs).RunAsync();
        RoundValued? last = null;
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            last = EventJson.Parse(entry.Bytes.Span) as RoundValued ?? last;
        return new KnownGame("digits, round 3", DoubleBlob.Read(await blobs.GetAsync(last!.CoalitionUtilities!.Value), count: 1 << 10));
    }

    /// <summary>Returns that diminish with everybody who joins, and a little noise on every coalition: ten players.</summary>
    public static KnownGame Synthetic()
    {
        const int players = 10;
        var random = new RandomStream(1, RandomPurpose.Split);
        double[] worth = [.. Enumerable.Range(0, players).Select(_ => 0.6 * random.NextDouble())];
        return new KnownGame("synthetic", [.. Enumerable.Range(0, 1 << players).Select(mask =>
            1 - Elementary.Exp(-Enumerable.Range(0, players).Sum(j => (mask >> j & 1) * worth[j])) + 0.05 * random.NextNormal())]);
    }
}
