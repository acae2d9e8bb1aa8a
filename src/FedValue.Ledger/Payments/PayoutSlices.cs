using FedValue.Ledger.Events;

namespace FedValue.Ledger.Payments;

/// <summary>The payouts of a round as entries of the ledger: one, or as many as it takes for none to be too long.</summary>
public static class PayoutSlices
{
    /// <summary>The most payouts of one entry; so many fit whatever the ids and the numbers are.</summary>
    public const int LengthMax = 400;

    /// <summary>Cuts a round's payouts: whole slices, then the rest, which carries what nobody earned.</summary>
    public static IReadOnlyList<PayoutsPosted> Of(PayoutsPosted whole)
    {
        if (whole.Payouts.Count <= LengthMax)
            return [whole];
        var slices = new List<PayoutsPosted>();
        for (int first = 0; first < whole.Payouts.Count; first += LengthMax)
        {
            bool isLast = first + LengthMax >= whole.Payouts.Count;
            slices.Add(whole with
            {
                First = first,
                Payouts = [.. whole.Payouts.Skip(first).Take(LengthMax)],
                Unallocated = isLast ? whole.Unallocated : 0,
            });
        }
        return slices;
    }

    /// <summary>The payouts so far, with those of the next entry.</summary>
    /// <param name="sofar">Those of the entries before; null for none.</param>
    /// <param name="slice">The next entry.</param>
    /// <param name="participants">How many the round pays.</param>
    /// <exception cref="LedgerOrderException">The entry is not the slice that comes next.</exception>
    public static PayoutsPosted Join(PayoutsPosted? sofar, PayoutsPosted slice, int participants)
    {
        int first = sofar?.Payouts.Count ?? 0, length = Math.Min(LengthMax, participants - first);
        bool isLast = first + length == participants;
        if (slice.First != first || slice.Payouts.Count != length)
        {
            throw new LedgerOrderException(
                $"Round {slice.Round} pays each accepted update once, in slices of at most {LengthMax}: {length} payouts come after "
                + $"the first {first}, but {slice.Payouts.Count} after {slice.First} came.");
        }
        if (!isLast && slice.Unallocated != 0)
            throw new LedgerOrderException($"What nobody earned stands in the last slice of round {slice.Round}, but an earlier one says it too.");
        return sofar is null ? slice : slice with { First = 0, Payouts = [.. sofar.Payouts, .. slice.Payouts] };
    }
}
