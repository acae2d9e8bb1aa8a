using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Orleans.Metadata;
using Orleans.Runtime;

namespace FedValue.Orleans.Tests;

/// <summary>
/// Counts the activations of every role's grain in all test clusters, by the grain's id: a test cluster's silos are made by name and can be handed
/// nothing.
/// </summary>
sealed class Activations : IConfigureGrainContextProvider, IConfigureGrainContext
{
    readonly ConcurrentDictionary<GrainId, int> _begun = [], _alive = [];

    public static Activations Shared { get; } = new();

    /// <summary>How often a grain was activated so far.</summary>
    public int Begun(GrainId grain) => _begun.GetValueOrDefault(grain);

    /// <summary>Whether a grain is active now, or is about to be.</summary>
    public bool IsAlive(GrainId grain) => _alive.GetValueOrDefault(grain) > 0;

    /// <summary>Whether any grain of a federation is, but for the one that notes wake at any time.</summary>
    public bool IsAnyAlive(string federation) =>
        _alive.Any(count => count.Value > 0 && IsOf(count.Key, federation) && count.Key.Type.ToString() != "contribution");

    /// <summary>How often all grains of a federation were activated, by the kind of grain.</summary>
    public IReadOnlyDictionary<string, int> Of(string federation) => _begun.Where(count => IsOf(count.Key, federation))
        .GroupBy(count => count.Key.Type.ToString()!).ToDictionary(kind => kind.Key, kind => kind.Sum(count => count.Value));

    static bool IsOf(GrainId grain, string federation) =>
        grain.Key.ToString() is { } key && (key == federation || key.StartsWith(federation + "/", StringComparison.Ordinal));

    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        configurator = grainType.ToString() is "participant" or "aggregator" or "contribution" or "ledger" ? this : null;
        return configurator is not null;
    }

    public void Configure(IGrainContext context)
    {
        GrainId grain = context.GrainId;
        _begun.AddOrUpdate(grain, 1, (_, count) => count + 1);
        _alive.AddOrUpdate(grain, 1, (_, count) => count + 1);
        context.ObservableLifecycle.Subscribe(
            nameof(Activations), GrainLifecycleStage.First, _ => Task.CompletedTask, _ =>
            {
                _alive.AddOrUpdate(grain, 0, (_, count) => count - 1);
                return Task.CompletedTask;
            });
    }
}
