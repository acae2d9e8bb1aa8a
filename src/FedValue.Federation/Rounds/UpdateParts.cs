using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;

namespace FedValue.Federation.Rounds;

/// <summary>
/// What each update of a round, formed in double and rounded to fp32 once, is to the validation rows: computed at first use, then shared by
/// all rules whose coalitions are sums of them.
/// </summary>
sealed class UpdateParts(ValidationSet validation, RoundUpdates updates, int threads)
{
    readonly Lazy<TiledModel[]> _parts = new(() => Of(validation, updates.Count, threads, (k, part) =>
    {
        ReadOnlySpan<float> start = updates.Rows.Base, local = updates.Rows.Model(k);
        for (int i = 0; i < part.Length; i++)
            part[i] = (float)((double)local[i] - start[i]);
    }));

    /// <summary>The sums that measure coalitions of an additive rule.</summary>
    public CoalitionSums Under(AggregationRule rule, AggregationState state) =>
        Sums(validation, rule.Additive(state, updates), _parts.Value);

    /// <summary>Sums over parts that are given.</summary>
    public static CoalitionSums Sums(ValidationSet validation, AdditiveStep step, TiledModel[] parts) => new(
        validation.TiledNetwork, validation.Tiles, validation.TiledNetwork.Project(validation.Tiles, step.Origin)[0],
        parts, step.Factors, step.Divisors, step.Scale);

    /// <summary>The parts of n vectors of d weights, each written by a function of its number.</summary>
    public static TiledModel[] Of(ValidationSet validation, int count, int threads, Action<int, float[]> write)
    {
        TiledNetwork network = validation.TiledNetwork;
        int workers = Math.Clamp(threads, 1, Math.Max(1, count)), atOnce = Math.Clamp((count + workers - 1) / workers, 1, network.ModelsAtOnce);
        var parts = new TiledModel[count];
        Parallel.For(0, (count + atOnce - 1) / atOnce, new ParallelOptions { MaxDegreeOfParallelism = threads }, group =>
        {
            int first = group * atOnce;
            var written = new float[Math.Min(atOnce, count - first)][];
            for (int i = 0; i < written.Length; i++)
                write(first + i, written[i] = new float[validation.Network.WeightCount]);
            network.Project(validation.Tiles, written).CopyTo(parts, first);
        });
        return parts;
    }
}
