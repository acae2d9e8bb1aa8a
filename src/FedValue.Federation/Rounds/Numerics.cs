namespace FedValue.Federation.Rounds;

/// <summary>
/// The version of the arithmetic behind every number on a ledger. Raise it whenever a change alters any bit of a model, a value or an error:
/// an auditor that does not implement a ledger's version must refuse to judge it instead of crying tamper.
/// </summary>
public static class Numerics
{
    /// <summary>What this build computes.</summary>
    public const int Version = 3;
}
