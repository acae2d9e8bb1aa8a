namespace FedValue.Valuation.Anomalies;

/// <summary>
/// Who behaves unlike an honest participant: repeated bytes, near-duplicates, updates that disagree with all others, outlying norms, claims
/// that do not fit. Kept apart from value: a valuable participant may be an outlier, and a copy of a good one is worth something.
/// </summary>
public sealed class AnomalyReport
{
    AnomalyReport(IReadOnlyList<AnomalyScores> scores, IReadOnlyList<AnomalyFinding> findings) => (Scores, Findings) = (scores, findings);

    /// <summary>Everybody who took part, in ordinal order.</summary>
    public IReadOnlyList<AnomalyScores> Scores { get; }

    /// <summary>What to look at, facts before suspicions.</summary>
    public IReadOnlyList<AnomalyFinding> Findings { get; }

    /// <summary>Reads the report off what the rounds showed.</summary>
    public static AnomalyReport Of(IReadOnlyList<RoundObservations> rounds)
    {
        string[] everyone = [.. rounds.SelectMany(round => round.Participants).Distinct().Order(StringComparer.Ordinal)];
        var measured = new RoundMeasures[rounds.Count];
        for (int r = 0; r < rounds.Count; r++)
            measured[r] = new RoundMeasures(rounds[r]);
        IReadOnlyDictionary<(string, string), double> closeness = Closeness(measured);
        AnomalyScores[] scores = [.. everyone.Select(participant => ScoresOf(participant, measured, closeness))];
        return new AnomalyReport(
            scores,
            [
                .. AnomalyRules.Repetitions(everyone, measured),
                .. AnomalyRules.Duplicates(everyone, closeness),
                .. AnomalyRules.Suspicions(scores),
            ]);
    }

    static AnomalyScores ScoresOf(
        string participant, RoundMeasures[] rounds, IReadOnlyDictionary<(string, string), double> closeness)
    {
        (RoundMeasures Round, int Index)[] own =
            [.. rounds.Select(round => (round, round.IndexOf(participant))).Where(pair => pair.Item2 >= 0)];
        var pairs = closeness.Where(pair => pair.Key.Item1 == participant || pair.Key.Item2 == participant)
            .OrderByDescending(pair => pair.Value).ToList();
        string? closest = pairs.Count == 0 ? null : pairs[0].Key.Item1 == participant ? pairs[0].Key.Item2 : pairs[0].Key.Item1;
        return new AnomalyScores(
            participant, own.Length,
            Mean(own.Select(pair => pair.Round.Angles?.WithOthers(pair.Index))),
            closest, pairs.Count == 0 ? null : pairs[0].Value,
            Mean(own.Select(pair => pair.Round.NormRatio(pair.Index))),
            Mean(own.Select(pair => (double?)pair.Round.ExamplesRatio(pair.Index))) ?? 1,
            RoundMeasures.Median([.. own.Select(pair => pair.Round.Seen.OwnCosines[pair.Index]).OfType<double>()]));
    }

    /// <summary>Mean closeness of every pair that met in a round, by (first, second) in ordinal order.</summary>
    static SortedDictionary<(string, string), double> Closeness(RoundMeasures[] rounds)
    {
        var sums = new SortedDictionary<(string, string), (double Sum, int Count)>(
            Comparer<(string, string)>.Create((a, b) =>
                string.CompareOrdinal(a.Item1, b.Item1) is not 0 and var first ? first : string.CompareOrdinal(a.Item2, b.Item2)));
        foreach (RoundMeasures round in rounds)
        {
            for (int i = 0; i < round.Seen.Count; i++)
            {
                for (int j = i + 1; j < round.Seen.Count; j++)
                {
                    if (round.Angles?.BeyondOthers(i, j) is not { } close)
                        continue;
                    (string, string) pair = (round.Seen.Participants[i], round.Seen.Participants[j]);
                    (double sum, int count) = sums.GetValueOrDefault(pair);
                    sums[pair] = (sum + close, count + 1);
                }
            }
        }
        var means = new SortedDictionary<(string, string), double>(sums.Comparer);
        foreach (((string, string) pair, (double sum, int count)) in sums)
            means[pair] = sum / count;
        return means;
    }

    static double? Mean(IEnumerable<double?> numbers)
    {
        double[] known = [.. numbers.OfType<double>()];
        return known.Length == 0 ? null : known.Average();
    }
}
