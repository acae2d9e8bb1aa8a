namespace FedValue.Federation.Simulation;

/// <summary>A scenario with a name: what it stands for is what stands on the ledger.</summary>
/// <param name="Name">Its name, as in <c>gtg:2</c>.</param>
/// <param name="Participants">How many participants.</param>
/// <param name="Partition">Who holds which rows.</param>
/// <param name="Corrupt">What is done to whom.</param>
public sealed record NamedScenario(string Name, int Participants, string Partition, params IReadOnlyList<string> Corrupt);

/// <summary>
/// The scenarios by family. <c>gtg</c>: the five cases of GTG-Shapley (Liu et al., arXiv:2109.02053), where percentages of feature noise are
/// read as standard deviations of 0.05 to 0.2. <c>mplc</c>: the corruptions of mplc with its sizes of 20, 50 and 30 %, all labels or rows of
/// participant 1. <c>attack</c>: five alike participants, of whom participant 2 does one thing.
/// </summary>
public static class NamedScenarios
{
    const string GtgSizes = "sizes:10+10+15+15+20+20+25+25+30+30";
    const string MplcSizes = "sizes:20+50+30";

    /// <summary>Who does it in the scenarios of the family <c>attack</c>, counted from 1.</summary>
    public const int Attacker = 2;

    /// <summary>How many take part there.</summary>
    public const int AttackParticipants = 5;

    /// <summary>What is done in the scenarios of the family <c>attack</c>; the name is the part before the colon.</summary>
    static readonly string[] Attacks =
    [
        "label-flip:0.6", "label-permutation:1", "label-shift:1", "label-random:1", "feature-noise:2", "duplicate-of:1", "redundancy:0.95",
        "backdoor:0", "free-rider", "free-rider-random:0.05", "free-rider-stale", "free-rider-delta", "free-rider-copy:1", "free-rider-replay",
        "sybil-split:2", "inflate-examples:3", "inflate-loss:100", "sign-flip", "model-replacement:5",
    ];

    /// <summary>Every scenario.</summary>
    public static IReadOnlyList<NamedScenario> All { get; } =
    [
        new("gtg:1", 10, "iid"),
        new("gtg:2", 10, "mixed-classes:0.8"),
        new("gtg:3", 10, GtgSizes),
        new("gtg:4", 10, "iid", Steps("label-flip")),
        new("gtg:5", 10, "iid", Steps("feature-noise")),
        new("mplc:not-corrupted", 3, MplcSizes),
        new("mplc:permutation", 3, MplcSizes, "label-permutation:1@1"),
        new("mplc:permutation-circular", 3, MplcSizes, "label-shift:1@1"),
        new("mplc:random", 3, MplcSizes, "label-confusion:1@1"),
        new("mplc:random-uniform", 3, MplcSizes, "label-random:1@1"),
        new("mplc:redundancy", 3, MplcSizes, "redundancy:1@1"),
        new("mplc:duplication", 3, MplcSizes, "duplication:2:1@1"),
        new("attack:none", AttackParticipants, "iid"),
        .. Attacks.Select(attack => new NamedScenario("attack:" + attack.Split(':')[0], AttackParticipants, "iid", $"{attack}@{Attacker}")),
    ];

    /// <summary>Puts what a scenario stands for in its place.</summary>
    /// <exception cref="SimulationException">There is no such scenario, or the options say something about it themselves.</exception>
    public static SimulationOptions Expand(SimulationOptions options)
    {
        if (options.Scenario is not { } name)
            return options;
        if (All.FirstOrDefault(scenario => scenario.Name == name) is not { } found)
        {
            throw new SimulationException(
                $"There is no scenario '{name}'; there are {string.Join(", ", All.Select(scenario => scenario.Name))}.");
        }
        string? twice = options.Partition is not null ? "--partition"
            : options.Corrupt is not null ? "--corrupt"
            : options.Participants is not null ? "--participants" : null;
        if (twice is not null)
        {
            throw new SimulationException(
                $"Scenario '{name}' says itself how many participants hold what and what is done to them, so {twice} cannot be given too.");
        }
        return options with
        {
            Scenario = null, Participants = found.Participants, Partition = found.Partition, Corrupt = found.Corrupt,
        };
    }

    /// <summary>5, 10, 15 and 20 % for two participants each, from the third on.</summary>
    static string[] Steps(string kind) =>
        [.. Enumerable.Range(1, 4).Select(step => $"{kind}:{NumberText.Of(0.05m * step)}@{2 * step + 1},{2 * step + 2}")];
}
