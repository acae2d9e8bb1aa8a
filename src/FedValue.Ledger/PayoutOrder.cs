using System.Collections.Immutable;
using FedValue.Ledger.Events;

namespace FedValue.Ledger;

/// <summary>The rules that payouts obey whatever the values are; whether they follow from the values is the auditor's question.</summary>
static class PayoutOrder
{
    /// <summary>What every slice must say alike.</summary>
    public static void CheckTerms(PayoutsPosted e, PaymentTerms terms)
    {
        if ((e.PayBy, e.Policy, e.Budget) != (terms.PayBy, terms.Policy, terms.Budget))
        {
            throw new LedgerOrderException(
                $"The terms divide {terms.Budget} under the policy '{terms.Policy}' by the method '{terms.PayBy}', "
                + $"but round {e.Round} divided {e.Budget} under '{e.Policy}' by '{e.PayBy}'.");
        }
    }

    /// <summary>The payouts of a round, all slices joined.</summary>
    public static void Check(PayoutsPosted e, RoundState round)
    {
        if (!e.Payouts.Select(payout => payout.Participant).SequenceEqual(round.Accepted.Keys))
            throw new LedgerOrderException($"Round {e.Round} pays each accepted update once, in ordinal order of the participants.");
        if (e.Payouts.FirstOrDefault(payout => payout.Weight < 0 || payout.Amount < 0) is { } wrong)
            throw new LedgerOrderException($"Weights and amounts are never negative, but round {e.Round} says {wrong}.");
        if (e.Unallocated < 0)
            throw new LedgerOrderException($"What nobody earned is not negative, but round {e.Round} says {e.Unallocated}.");

        // So few numbers below 2^63 cannot overflow 128 bits.
        Int128 sum = e.Unallocated;
        foreach (Payout payout in e.Payouts)
            sum += payout.Amount;
        if (sum != e.Budget)
            throw new LedgerOrderException($"Payouts and unallocated of round {e.Round} sum to {sum}, not to the budget of {e.Budget}.");
    }

    public static (ImmutableSortedDictionary<string, long> Balances, long Unallocated) Credit(
        PayoutsPosted e,
        ImmutableSortedDictionary<string, long> balances,
        long unallocated)
    {
        try
        {
            checked
            {
                ImmutableSortedDictionary<string, long>.Builder credited = balances.ToBuilder();
                foreach (Payout payout in e.Payouts)
                    credited[payout.Participant] += payout.Amount;
                return (credited.ToImmutable(), unallocated + e.Unallocated);
            }
        }
        catch (OverflowException)
        {
            throw new LedgerOrderException($"Round {e.Round} would bring a balance above {long.MaxValue}: begin a new federation.");
        }
    }
}
