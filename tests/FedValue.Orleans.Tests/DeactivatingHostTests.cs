using System.Collections.Concurrent;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Grains;
using FedValue.Orleans.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace FedValue.Orleans.Tests;

/// <summary>
/// The host contract on two silos that put all grains away between any two steps: before every call of a host, so also between the two calls
/// of a submission, and between aggregation and valuation. A call that did not find its grain put away fails.
/// </summary>
public sealed class DeactivatingHostTests(DeactivatingHostTests.DeactivatingCluster cluster)
    : FederationHostContract, IClassFixture<DeactivatingHostTests.DeactivatingCluster>
{
    protected override async Task<IFederationHost> OpenAsync(ILedgerStore ledger, IBlobStore blobs, TimeProvider clock) =>
        await cluster.OpenAsync(ledger, blobs);

    [Fact]
    public async Task Every_step_finds_its_grains_put_away_and_activates_them_anew()
    {
        const string key = "put-away";
        await using OrleansHost host = await cluster.OpenAsync(Ledger, Blobs, key);
        Assert.Equal(await UnreliableClusterTests.QuietHeadAsync(4, 2), await UnreliableClusterTests.RunAsync(host, 4, 2));
        IReadOnlyDictionary<string, int> activations = Activations.Shared.Of(key);
        // In each of two rounds four participants are asked twice, the aggregator to open and to close, the contribution grain to value. The
        // ledger is asked to create, enrol (4), in each round to open, accept (4), aggregate and settle, and to close.
        Assert.Equal(2 * 4 * 2, activations["participant"]);
        Assert.Equal(2 * 2, activations["aggregator"]);
        Assert.Equal(1 + 4 + 2 * (1 + 4 + 1 + 1) + 1, activations["ledger"]);
        Assert.InRange(activations["contribution"], 2, int.MaxValue); // notes wake it as well
    }

    /// <summary>Two silos and a client before whose calls the grains are put away.</summary>
    public sealed class DeactivatingCluster : RolesCluster
    {
        protected override void Configure(TestClusterBuilder builder) => builder.AddClientBuilderConfigurator<Client>();

        sealed class Client : IClientBuilderConfigurator
        {
            public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
                clientBuilder.Services.AddSingleton<IOutgoingGrainCallFilter, PutAway>();
        }
    }

    /// <summary>Puts all grains away before a call, unless it only repeats the question whether long work is done, which would never end.</summary>
    sealed class PutAway(IServiceProvider services) : IOutgoingGrainCallFilter
    {
        const int AttemptsMax = 50; // concurrent calls keep each other's grains awake

        readonly ConcurrentDictionary<string, string> _last = new(StringComparer.Ordinal); // call by federation

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType?.Namespace != typeof(ILedgerGrain).Namespace)
            {
                await context.Invoke();
                return;
            }
            GrainId grain = context.TargetId;
            string call = $"{grain} {context.MethodName}", federation = grain.Key.ToString()!.Split('/')[0];
            bool isRepeated = _last.TryGetValue(federation, out string? last) && last == call
                && context.MethodName is nameof(IAggregatorGrain.CloseRoundAsync) or nameof(IContributionGrain.ValueRoundAsync);
            _last[federation] = call;
            if (isRepeated || context.MethodName == nameof(IAggregatorGrain.CancelAsync))
            {
                await context.Invoke();
                return;
            }
            int before = Activations.Shared.Begun(grain);
            var management = services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
            int attempt = 0;
            do
                await management.ForceActivationCollection(TimeSpan.Zero);
            while ((Activations.Shared.IsAlive(grain) || Activations.Shared.IsAnyAlive(federation)) && ++attempt < AttemptsMax);
            await context.Invoke();
            if (Activations.Shared.Begun(grain) == before)
                throw new InvalidOperationException($"{call} came to a grain that was not put away.");
        }
    }
}
