namespace FedValue.Federation.Aggregation;

/// <summary>
/// A round's step of a rule whose coalition models are origin + scale * sum_S(factors_i x_i) / sum_S(divisors_i), for every coalition S of one
/// member or more. The empty coalition is not one of them: it leaves the base model.
/// </summary>
/// <param name="Origin">Where all coalitions start, d weights: the base model, or where momentum alone would take it.</param>
/// <param name="Factors">n numerators.</param>
/// <param name="Divisors">n positive numbers.</param>
/// <param name="Scale">A rate of the server, or 1.</param>
public sealed record AdditiveStep(float[] Origin, double[] Factors, double[] Divisors, double Scale)
{
    /// <summary>FedAvg's: origin + scale times the mean of the members' updates, weighted by examples.</summary>
    internal static AdditiveStep WeightedMean(RoundUpdates updates, float[] origin, double scale)
    {
        double[] examples = [.. updates.Examples.Select(count => (double)count)];
        return new AdditiveStep(origin, examples, examples, scale);
    }
}
