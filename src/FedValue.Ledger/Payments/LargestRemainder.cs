namespace FedValue.Ledger.Payments;

/// <summary>Divides a budget into whole units by the method of largest remainders (Hamilton, Hare-Niemeyer).</summary>
public static class LargestRemainder
{
    /// <summary>
    /// One share per weight, floor(budget * weight / sum of weights), then one unit more for the largest remainders until the budget is
    /// spent; among equal remainders the earlier position comes first. The shares sum to the budget exactly.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The budget or a weight is negative.</exception>
    /// <exception cref="ArgumentException">The weights sum to zero: who gets the budget then is not a question of arithmetic.</exception>
    public static long[] Divide(long budget, ReadOnlySpan<long> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        UInt128 total = 0;
        foreach (long weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight, nameof(weights));
            total += (ulong)weight;
        }

        if (total == 0)
            throw new ArgumentException("Expected at least one positive weight to divide a budget by, but all are zero.", nameof(weights));

        long[] shares = new long[weights.Length];
        UInt128[] remainders = new UInt128[weights.Length];
        long leftover = budget;
        for (int i = 0; i < weights.Length; i++)
        {
            (UInt128 share, remainders[i]) = UInt128.DivRem((UInt128)(ulong)budget * (ulong)weights[i], total);
            shares[i] = (long)share;
            leftover -= shares[i];
        }

        // OrderByDescending is stable, so equal remainders keep their order. There are fewer leftover units than positive remainders.
        foreach (int i in Enumerable.Range(0, shares.Length).OrderByDescending(i => remainders[i]).Take((int)leftover))
            shares[i]++;
        return shares;
    }
}
