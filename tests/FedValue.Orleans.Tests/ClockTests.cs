using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Kernels;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>The ledger's clock gives the times on the ledger, and nothing else goes by it.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Neither_Orleans_nor_a_time_limit_of_sampling_goes_by_the_ledgers_clock()
    {
        TimeProvider? known = null;
        await using SiloHosting silo = await SiloHosting.StartAsync(
            threads: 1, new LeapingClock(), UnderTest.FreePort(), UnderTest.FreePort(), configure: builder =>
                builder.AddStartupTask((services, _) =>
                {
                    known = services.GetService<TimeProvider>() ?? TimeProvider.System;
                    return Task.CompletedTask;
                }));
        Assert.Same(TimeProvider.System, known);
        await using IFederationHost host = await silo.OpenAsync(
            "timed", new InMemoryLedgerStore(), new InMemoryBlobStore(), 1, new LeapingClock(), _ => { }, CancellationToken.None);
        await using InProcessHost quiet = await InProcessHost.OpenAsync(
            new InMemoryLedgerStore(), new InMemoryBlobStore(), new CpuBackend(1), new LeapingClock());
        PaidRound[] paid = new PaidRound[2];
        foreach ((int index, IFederationHost one) in new[] { quiet, host }.Index())
        {
            FederationCreation creation = TinyFederation.Creation(methods: ["permutation"]);
            creation = creation with { Terms = creation.Terms with { Sampling = new SamplingTerms(16, 256, 0, new("time:600")) } };
            await TinyFederation.BeginAsync(one, creation);
            paid[index] = await TinyFederation.RoundAsync(one, 1);
        }
        Assert.Equal(256, paid[0].Valued.Valuations[0].Permutations); // ten minutes have not passed
        Assert.Equal(EventJson.Serialize(paid[0].Valued), EventJson.Serialize(paid[1].Valued));
    }

    /// <summary>A clock on which a day passes between any two looks.</summary>
    sealed class LeapingClock : TimeProvider
    {
        long _looks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Add(ref _looks, 24 * 60 * 60);
    }
}
