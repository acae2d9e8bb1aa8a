using FedValue.Ledger.Events;

namespace FedValue.Ledger.Payments;

/// <summary>The words of <see cref="PaymentTerms.Policy"/> and <see cref="PaymentTerms.IfNonePositive"/>.</summary>
public static class PaymentPolicy
{
    /// <summary>Policy: in proportion to the positive values.</summary>
    public const string Proportional = "proportional";

    /// <summary>Policy: the same for everybody. Also what can happen to a budget when no weight is positive.</summary>
    public const string Equal = "equal";

    /// <summary>Policy: in proportion to the examples.</summary>
    public const string BySize = "by-size";

    /// <summary>The budget stays where it is when no weight is positive.</summary>
    public const string Unallocated = "unallocated";

    /// <summary>Why these cannot be the terms of payment, as a sentence; null when they can.</summary>
    public static string? Problem(PaymentTerms terms) => Fault(terms)?.Sentence;

    /// <summary>The same with the term to blame.</summary>
    public static TermsFault? Fault(PaymentTerms terms)
    {
        if (terms.Budget < 0)
            return new("budget", $"A budget must not be negative, but {terms.Budget} came.");
        if (terms.Policy is not (Proportional or Equal or BySize))
            return new("policy", $"Expected '{Proportional}', '{Equal}' or '{BySize}' as the payment policy, but '{terms.Policy}' came.");
        if (terms.IfNonePositive is not (Unallocated or Equal))
            return new("ifNonePositive",
                $"Expected '{Unallocated}' or '{Equal}' for a budget that nobody earned, but '{terms.IfNonePositive}' came.");
        return null;
    }
}
