using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;

namespace FedValue.Ledger;

/// <summary>Which terms a federation may begin with.</summary>
public static class TermsRules
{
    // JSON readers that keep numbers as doubles keep integers up to here.
    const long SeedMax = (1L << 53) - 1;

    /// <summary>Why the terms cannot hold, as a sentence; null when they can.</summary>
    public static string? Problem(FederationTerms terms)
    {
        if (terms.Seed is < 0 or > SeedMax)
            return $"A seed lies in 0 .. {SeedMax}, but {terms.Seed} came.";
        if (terms.Aggregators.Count == 0)
            return "The terms need at least one aggregator, but there is none.";
        if (terms.Methods.Count != terms.Methods.Distinct(StringComparer.Ordinal).Count())
            return $"Each valuation method stands in the terms once, but these came: {string.Join(", ", terms.Methods)}.";
        return PaymentPolicy.Problem(terms.Payment) ?? PayByProblem(terms);
    }

    static string? PayByProblem(FederationTerms terms)
    {
        string payBy = terms.Payment.PayBy;
        if (terms.Payment.Policy != PaymentPolicy.Proportional)
            return payBy == "" ? null : $"Under the policy '{terms.Payment.Policy}' no method decides, but '{payBy}' came: leave it empty.";
        return terms.Methods.Contains(payBy)
            ? null
            : $"'{payBy}' decides about payment, so it must be one of the methods {string.Join(", ", terms.Methods)}.";
    }
}
