using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Federation.Aggregation;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Who sends first must not matter.</summary>
public sealed class ArrivalOrderTests
{
    [Theory]
    [MemberData(nameof(MadeUpRounds.Rules), MemberType = typeof(MadeUpRounds))]
    public async Task Models_states_and_values_are_the_same_in_whatever_order_updates_come(string aggregator)
    {
        List<(Digest, Digest, Digest)> one = await RunAsync(aggregator, TinyFederation.Participants);
        Assert.Equal(2, one.Count);
        Assert.Equal(one, await RunAsync(aggregator, [.. TinyFederation.Participants.Reverse()]));
        Assert.Equal(one, await RunAsync(aggregator, [.. TinyFederation.Participants.Skip(2), .. TinyFederation.Participants.Take(2)]));
    }

    static async Task<List<(Digest Model, Digest State, Digest Values)>> RunAsync(string aggregator, IReadOnlyList<string> order)
    {
        var ledger = new InMemoryLedgerStore();
        await using (InProcessHost host = await InProcessHost.OpenAsync(ledger, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock()))
        {
            await TinyFederation.BeginAsync(host, TinyFederation.Creation(aggregator, ["exact"]));
            await TinyFederation.RoundAsync(host, 1, order);
            await TinyFederation.RoundAsync(host, 2, order);
        }
        var events = new List<LedgerEvent>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            events.Add(EventJson.Parse(entry.Bytes.Span));
        return
        [
            .. events.OfType<RoundAggregated>().Zip(events.OfType<RoundValued>(),
                (aggregated, valued) => (aggregated.Model, aggregated.AggregatorState, valued.Valuations[0].Values)),
        ];
    }
}
