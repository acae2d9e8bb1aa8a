using System.Globalization;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>Who is invited to a round of a simulation: a draw from (seed, round), the same for whoever makes it again.</summary>
public static class CohortDraw
{
    internal const string ParticipationOption = "participation";

    /// <summary>How many of the participants a round invites: their share, rounded down, but at least 1.</summary>
    public static int Size(decimal participation, int participants) => (int)Math.Max(1, participation * participants);

    /// <summary>The invited participants, as places in the ordinal order of all ids, ascending.</summary>
    public static IReadOnlyList<int> Of(long seed, int round, int participants, int size) =>
        [.. new RandomStream(seed, RandomPurpose.Cohort, (uint)round).NextPermutation(participants).Take(size).Order()];

    /// <summary>
    /// For an auditor of a simulation's ledger: why a round that was opened is not the drawn one, as a sentence; null when it is, for every
    /// other event, and outside simulations, whose first entry holds no scenario.
    /// </summary>
    /// <param name="ledgerEvent">The event, after the state took it.</param>
    /// <param name="state">What the ledger says up to it.</param>
    public static string? Problem(LedgerEvent ledgerEvent, FederationState state)
    {
        if (ledgerEvent is not RoundOpened opened || state.Created is not { Scenario.Count: > 0 } created)
            return null;
        string? text = created.Scenario.FirstOrDefault(option => option.Option == ParticipationOption)?.Value;
        if (text is null || !TypedNumber.TryParse(text, NumberStyles.AllowDecimalPoint, out decimal participation)
            || participation is <= 0 or > 1)
        {
            return $"The scenario's {ParticipationOption} must be above 0 and at most 1 to draw a cohort by, but it is '{text}'.";
        }

        string[] ids = [.. state.Participants.Keys];
        IEnumerable<string> drawn = Of(created.Terms.Seed, opened.Round, ids.Length, Size(participation, ids.Length)).Select(k => ids[k]);
        return opened.Cohort.SequenceEqual(drawn) ? null
            : $"Round {opened.Round} must invite the cohort drawn from the seed, but others are recorded.";
    }
}
