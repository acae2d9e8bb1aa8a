using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;

namespace FedValue.Ledger.Auditing;

/// <summary>Whether payouts follow from the values of the round, unit by unit.</summary>
static class PayoutCheck
{
    /// <summary>What is wrong with the payouts, as a sentence; null when nothing is.</summary>
    public static string? Problem(PayoutsPosted posted, PaymentTerms terms, RoundState round, byte[] valuesBlob)
    {
        PayoutsPosted expected;
        try
        {
            double[] values = DoubleBlob.Read(valuesBlob, posted.PayBy == "" ? 0 : round.Accepted.Count);
            long[] examples = [.. round.Accepted.Values.Select(update => update.Examples)];
            expected = PayoutRules.Post(terms, round.Number, [.. round.Accepted.Keys], values, examples);
        }
        catch (Exception e) when (e is LedgerFormatException or ArgumentException)
        {
            return $"The payouts of round {round.Number} cannot follow from the values of '{posted.PayBy}': {e.Message}";
        }

        foreach ((Payout due, Payout paid) in expected.Payouts.Zip(posted.Payouts))
        {
            if (due != paid)
            {
                return $"Round {round.Number} owes '{due.Participant}' {due.Amount} for the weight {due.Weight}, "
                    + $"but {paid.Amount} for the weight {paid.Weight} was posted.";
            }
        }

        return expected.Unallocated == posted.Unallocated
            ? null
            : $"Round {round.Number} leaves {expected.Unallocated} unallocated, but {posted.Unallocated} was posted.";
    }
}
