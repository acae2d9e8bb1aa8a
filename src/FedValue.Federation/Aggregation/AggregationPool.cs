using System.Collections.Immutable;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// The rules a federation aggregates with: one, or several of which every round draws one (FedRandom, arXiv 2602.05693; the executable
/// definition is FedValue's own: a uniform draw from the recorded seed, and the state of members not drawn is frozen).
/// </summary>
public sealed class AggregationPool
{
    /// <summary>How a pool is written: alone for the default one, or with <c>:RULE,RULE</c>.</summary>
    internal const string FedRandom = "fedrandom";

    /// <summary>Takes the members in their order.</summary>
    /// <exception cref="FormatException">There is none, or two of them are the same rule under their settings.</exception>
    public AggregationPool(IEnumerable<AggregationRule> members)
    {
        Members = [.. members];
        if (Members.IsEmpty)
            throw new FormatException("A federation needs at least one aggregator, but none came.");
        RefuseTwins();
    }

    /// <summary>The members.</summary>
    public ImmutableArray<AggregationRule> Members { get; }

    /// <summary>Reads one rule, or <c>fedrandom</c>, or <c>fedrandom:RULE,RULE</c>; a pool of one is that rule.</summary>
    /// <param name="spec">The text.</param>
    /// <param name="preset">The defaults of rules and pool; null: FedValue's.</param>
    /// <exception cref="FormatException">The text is none of those, or the pool has twins.</exception>
    public static AggregationPool Parse(string spec, AggregationPreset? preset = null)
    {
        preset ??= AggregationPreset.FedValue;
        if (spec == FedRandom)
            return new AggregationPool(preset.Strategies.Select(preset.Parse));
        if (!spec.StartsWith(FedRandom + ":", StringComparison.Ordinal))
            return new AggregationPool([preset.Parse(spec)]);
        return new AggregationPool(spec[(FedRandom.Length + 1)..].Split(',').Select(preset.Parse));
    }

    /// <summary>The one spelling of the pool, with every setting.</summary>
    public string Spec => Members.Length == 1 ? Members[0].Spec : FedRandom + ":" + string.Join(",", Members.Select(m => m.Spec));

    /// <summary>Which member aggregates a round: a uniform draw from (seed, round).</summary>
    public int Draw(long seed, int round) =>
        Members.Length == 1 ? 0 : new RandomStream(seed, RandomPurpose.AggregatorDraw, (uint)round).NextInteger(Members.Length);

    /// <summary>The states before the first round.</summary>
    public ImmutableArray<AggregationState> Start(int weights) => [.. Members.Select(member => member.Start(weights))];

    /// <summary>
    /// Runs every member through the same three rounds of made-up updates: members that end at the same models would be drawn twice as
    /// often under two names (with Flower 1.6's defaults FedAvgM is FedAvg).
    /// </summary>
    void RefuseTwins()
    {
        float[][] probes = [.. Members.Select(Probe)];
        for (int i = 0; i < probes.Length; i++)
        {
            for (int j = i + 1; j < probes.Length; j++)
            {
                if (probes[i].Zip(probes[j]).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-5 * (1 + Math.Abs(pair.First))))
                {
                    throw new FormatException($"Two members of the FedRandom pool are the same under their settings: " +
                        $"'{Members[i].Spec}' and '{Members[j].Spec}'; drop one or change its settings.");
                }
            }
        }
    }

    static float[] Probe(AggregationRule rule)
    {
        const int weights = 16, participants = 5;
        var random = new RandomStream(seed: 0, RandomPurpose.AggregatorDraw);
        var model = new float[weights];
        AggregationState state = rule.Start(weights);
        string[] ids = [.. Enumerable.Range(0, participants).Select(k => $"probe-{k}")];
        for (int round = 1; round <= 3; round++)
        {
            float[][] locals = [.. ids.Select(_ => Array.ConvertAll(new float[weights], _ => (float)random.NextNormal()))];
            (model, state) = rule.Aggregate(state, new RoundUpdates(ids, new UpdateRows(model, locals), [1, 2, 3, 5, 8], () => 1));
        }
        return model;
    }
}
