namespace FedValue.Federation.Simulation;

/// <summary>
/// How an attacker's value (summed over rounds and its identities) stands to those of the honest participants; of several that hold, the table
/// has the first.
/// </summary>
public enum ExpectedSign
{
    /// <summary>Below 0, and below every honest one.</summary>
    Negative,

    /// <summary>Exactly 0.</summary>
    Zero,

    /// <summary>Below every honest one; its sign is not claimed.</summary>
    Lowest,

    /// <summary>Above every honest one: the attack pays.</summary>
    Highest,

    /// <summary>
    /// From 0.7 to 1.55 times the honest mean: the method does not see the attack. Without one, each of the 80 exact values of the scenario
    /// <c>attack:none</c> is 0.72 to 1.54 times the mean of the other four: so much is the luck of the rows.
    /// </summary>
    Alike,

    /// <summary>Above 0; where it stands among the honest ones differed between seeds.</summary>
    Positive,

    /// <summary>Nothing is claimed: even the side of 0, or what is below 0, differed between seeds.</summary>
    Open,
}
