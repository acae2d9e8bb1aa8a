using System.Collections;
using FedValue.Federation.Aggregation;
using FedValue.Kernels;

namespace FedValue.Tests.Federation.Aggregation;

/// <summary>An aggregation that nobody wants any more ends between two tiles or updates, not after the last one.</summary>
public class CancelledAggregationTests
{
    /// <summary>Several tiles, of the model as of its columns.</summary>
    const int Weights = 3 * 2048 + 5, Participants = 5;

    [Theory]
    [MemberData(nameof(MadeUpRounds.Rules), MemberType = typeof(MadeUpRounds))]
    public void Every_rule_stops_in_the_midst_of_the_updates(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        using var stop = new CancellationTokenSource();
        var whole = new WatchedModels(() => { });
        rule.Aggregate(rule.Start(Weights), Updates(whole, stop.Token));

        var broken = new WatchedModels(stop.Cancel);
        Assert.Throws<OperationCanceledException>(() => rule.Aggregate(rule.Start(Weights), Updates(broken, stop.Token)));
        Assert.InRange(broken.Read!.Value, 1, whole.Read!.Value - 1);
    }

    [Fact]
    public void Norms_that_are_measured_one_by_one_have_the_bits_of_one_reading()
    {
        RoundUpdates updates = Updates(new WatchedModels(() => { }), CancellationToken.None);
        double[] together = new CpuBackend(threads: 2).Read(updates.Rows, new() { SquaredNorms = true }).SquaredNorms;
        Assert.Equal(
            together.Select(BitConverter.DoubleToInt64Bits),
            updates.Everyone.Select(i => BitConverter.DoubleToInt64Bits(updates.SquaredNorm(i))));
    }

    static RoundUpdates Updates(WatchedModels models, CancellationToken cancellation)
    {
        var rows = new UpdateRows(new float[Weights], models);
        models.Read = 0; // their lengths were looked at
        return new RoundUpdates([.. Enumerable.Range(0, Participants).Select(k => $"p{k}")], rows, [1, 2, 3, 4, 5], () => MadeUpRounds.BaseLoss)
        {
            Cancellation = cancellation,
        };
    }

    /// <summary>Local models that tell when the first one is read.</summary>
    sealed class WatchedModels(Action first) : IReadOnlyList<ReadOnlyMemory<float>>
    {
        readonly float[][] _models =
        [
            .. Enumerable.Range(0, Participants).Select(k =>
                Enumerable.Range(0, Weights).Select(i => (float)((i * 7 + k * 13) % 101) / 50).ToArray()),
        ];

        public int? Read { get; set; }

        public int Count => Participants;

        public ReadOnlyMemory<float> this[int index]
        {
            get
            {
                if (Read++ == 0)
                    first();
                return _models[index];
            }
        }

        public IEnumerator<ReadOnlyMemory<float>> GetEnumerator() =>
            _models.Select(model => (ReadOnlyMemory<float>)model).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
