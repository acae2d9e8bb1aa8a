namespace FedValue.Cli.Experiments;

/// <summary>What the seeds say about one distance against another.</summary>
enum Standing
{
    /// <summary>No seed has both.</summary>
    Unknown,

    /// <summary>Smaller by more than two standard errors.</summary>
    Closer,

    /// <summary>Larger by more than two standard errors.</summary>
    Farther,

    /// <summary>Their difference is within two standard errors, or there is a single seed and so no error.</summary>
    Undecided,
}

/// <summary>Judges two distances by their differences within seeds, where data and draws are the same for both.</summary>
static class Standings
{
    const double StandardErrors = 2;

    /// <summary>Of the differences, the one minus the other, seed by seed; null where a seed lacks either.</summary>
    public static Standing Of(IEnumerable<double?> differences) => SeedStatistics.Of(differences) switch
    {
        null => Standing.Unknown,
        { Error: { } error } known when Math.Abs(known.Mean) > StandardErrors * error => known.Mean < 0 ? Standing.Closer : Standing.Farther,
        _ => Standing.Undecided,
    };
}
