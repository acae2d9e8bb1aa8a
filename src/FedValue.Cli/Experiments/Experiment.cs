using FedValue.Federation.Simulation;

namespace FedValue.Cli.Experiments;

/// <summary>What the shares of an experiment are held against.</summary>
enum Truth
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Each participant's share of the rows.</summary>
    Sizes,

    /// <summary>Who was corrupted: low values should find them.</summary>
    Corrupted,
}

/// <summary>Settings under a name.</summary>
sealed record ExperimentScenario(string Name, SimulationOptions Options);

/// <summary>An aggregator or pool under a name.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Spec">The aggregator or pool.</param>
/// <param name="Preset">Whose defaults it has.</param>
/// <param name="ProximalMu">FedProx under it, in place of the scenario's; null: as the scenario says.</param>
sealed record ExperimentAggregator(string Name, string Spec, string? Preset, double? ProximalMu = null);

/// <summary>Aggregators whose share vectors are compared with each other, and whose mean is a division of its own.</summary>
sealed record ExperimentGroup(string Name, IReadOnlyList<string> Members);

/// <summary>A group that is held against another one.</summary>
sealed record ExperimentComparison(string Group, string With);

/// <summary>One simulation of an experiment, which computes every method.</summary>
/// <param name="Scenario">Its place in the file.</param>
/// <param name="Aggregator">Its place in the file.</param>
/// <param name="Seed">Its seed.</param>
readonly record struct Cell(int Scenario, int Aggregator, long Seed) : IComparable<Cell>
{
    public int CompareTo(Cell other) => (Scenario, Aggregator, Seed).CompareTo((other.Scenario, other.Aggregator, other.Seed));
}

/// <summary>A grid of simulations, scenarios x aggregators x seeds, and what is asked of them.</summary>
sealed record Experiment
{
    public required string Name { get; init; }

    /// <summary>What it is about, for the report; may be empty.</summary>
    public required string About { get; init; }

    /// <summary>SHA-256 of the file, in hex.</summary>
    public required string Digest { get; init; }

    /// <summary>Ascending.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    public required IReadOnlyList<ExperimentScenario> Scenarios { get; init; }

    public required IReadOnlyList<ExperimentAggregator> Aggregators { get; init; }

    public required IReadOnlyList<ExperimentGroup> Groups { get; init; }

    public required ExperimentComparison? Compare { get; init; }

    /// <summary>Canonical names.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    public required Truth Truth { get; init; }

    /// <summary>Seed by seed, so that an interrupted experiment has whole seeds.</summary>
    public IEnumerable<Cell> Cells() =>
        from seed in Seeds
        from scenario in Enumerable.Range(0, Scenarios.Count)
        from aggregator in Enumerable.Range(0, Aggregators.Count)
        select new Cell(scenario, aggregator, seed);

    /// <summary>Payouts are not part of an experiment, so no method has to pay; a cell has one thread, because cells run side by side.</summary>
    public SimulationOptions Options(Cell cell) => Scenarios[cell.Scenario].Options with
    {
        Aggregator = Aggregators[cell.Aggregator].Spec,
        Preset = Aggregators[cell.Aggregator].Preset,
        ProximalMu = Aggregators[cell.Aggregator].ProximalMu ?? Scenarios[cell.Scenario].Options.ProximalMu,
        Methods = Methods,
        Seed = cell.Seed,
        Policy = "equal",
        Threads = 1,
    };

    public string Describe(Cell cell) => $"{Scenarios[cell.Scenario].Name} / {Aggregators[cell.Aggregator].Name} / seed {cell.Seed}";
}
