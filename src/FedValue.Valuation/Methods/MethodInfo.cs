namespace FedValue.Valuation.Methods;

/// <summary>What a method looks at beside the updates; each holds what stands before it.</summary>
public enum MethodNeeds
{
    /// <summary>Nothing: norms and inner products of the updates, and claimed examples.</summary>
    Updates,

    /// <summary>Which weights belong to which class: the layers of a native model.</summary>
    NativeModel,

    /// <summary>Models measured on the server's validation rows.</summary>
    Validation,
}

/// <summary>What a method is, for tables, reports and the reader who wants to know what was promised.</summary>
/// <param name="Name">Its name on the command line and on the ledger.</param>
/// <param name="Title">Its name in tables and reports.</param>
/// <param name="Game">The game whose values it computes, in words.</param>
/// <param name="Axioms">The axioms that hold for that game.</param>
/// <param name="Note">What a reader should know before trusting it; empty when the axioms say it all.</param>
/// <param name="Enumerates">Whether it reads the utilities of all 2^n coalitions.</param>
/// <param name="ParticipantsMax">The most participants of a round that it values; null: any number.</param>
/// <param name="NeedsEverybody">Whether its values mean what it says only where everybody takes part in every round.</param>
/// <param name="Needs">What it looks at beside the updates.</param>
public sealed record MethodInfo(
    string Name, string Title, string Game, Axioms Axioms, string Note = "", bool Enumerates = false, int? ParticipantsMax = null,
    bool NeedsEverybody = false, MethodNeeds Needs = MethodNeeds.Validation);
