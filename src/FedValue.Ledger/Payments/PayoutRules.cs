using FedValue.Ledger.Events;

namespace FedValue.Ledger.Payments;

/// <summary>Who gets how much of a round's budget: the one place where that is decided, for the payer and for the auditor.</summary>
public static class PayoutRules
{
    /// <summary>Divides a round's budget.</summary>
    /// <param name="terms">Budget and policy.</param>
    /// <param name="round">The round.</param>
    /// <param name="participants">Whose updates were accepted, in ordinal order: the earlier one wins a tie.</param>
    /// <param name="values">What the deciding method says each is worth, finite, any unit; none unless the policy is proportional.</param>
    /// <param name="examples">How many examples each says it trained on.</param>
    /// <exception cref="ArgumentException">The terms are impossible, the lengths differ, or a number is out of range.</exception>
    public static PayoutsPosted Post(
        PaymentTerms terms,
        int round,
        IReadOnlyList<string> participants,
        ReadOnlySpan<double> values,
        IReadOnlyList<long> examples)
    {
        if (PaymentPolicy.Problem(terms) is { } problem)
            throw new ArgumentException(problem, nameof(terms));
        int valuesExpected = terms.Policy == PaymentPolicy.Proportional ? participants.Count : 0;
        if (values.Length != valuesExpected || examples.Count != participants.Count)
        {
            throw new ArgumentException(
                $"Expected {valuesExpected} values and {participants.Count} numbers of examples under the policy '{terms.Policy}', "
                + $"but {values.Length} values and {examples.Count} numbers of examples came.");
        }

        long[] weights = Weights(terms, values, examples);
        long[] amounts = new long[weights.Length];
        long unallocated = terms.Budget;
        if (weights.AsSpan().ContainsAnyExcept(0))
        {
            amounts = LargestRemainder.Divide(terms.Budget, weights);
            unallocated = 0;
        }

        Payout[] payouts = [.. participants.Select((participant, i) => new Payout(participant, weights[i], amounts[i]))];
        return new PayoutsPosted(round, terms.PayBy, terms.Policy, terms.Budget, unallocated, payouts);
    }

    static long[] Weights(PaymentTerms terms, ReadOnlySpan<double> values, IReadOnlyList<long> examples)
    {
        long[] weights = terms.Policy switch
        {
            PaymentPolicy.Proportional => PaymentWeights.FromValues(values),
            PaymentPolicy.BySize => [.. examples],
            _ => Ones(examples.Count),
        };
        bool nonePositive = !weights.AsSpan().ContainsAnyExcept(0);
        return nonePositive && terms.IfNonePositive == PaymentPolicy.Equal ? Ones(examples.Count) : weights;
    }

    static long[] Ones(int count)
    {
        long[] ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
