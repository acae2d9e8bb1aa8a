namespace FedValue.Valuation.Anomalies;

/// <summary>
/// Who behaves unlike an honest participant: repeated bytes, near-duplicates, updates that disagree with all others, outlying norms, claims
/// that do not fit. Kept apart from value: a valuable participant may be an outlier, and a copy of a good one is worth something.
/// </summary>
public sealed class AnomalyReport
{
    AnomalyReport(IReadOnlyList<AnomalyScores> scores, IReadOnlyList<AnomalyFinding> findings, RoundMeasures[] rounds)
    {
        (Scores, Findings) = (scores, findings);
        RoundsToCompare = rounds.Count(round => round.Seen.Count > 1);
        RoundsWithAngles = rounds.Count(round => round.Seen.Count > 1 && round.Angles is not null);
        HasLosses = scores.Any(s => s.LossRatio is not null);
    }

    /// <summary>Everybody who took part, in ordinal order.</summary>
    public IReadOnlyList<AnomalyScores> Scores { get; }

    /// <summary>What to look at, facts before suspicions.</summary>
    public IReadOnlyList<AnomalyFinding> Findings { get; }

    /// <summary>In how many rounds there were two or more updates.</summary>
    public int RoundsToCompare { get; }

    /// <summary>In how many of those the Gram matrix was kept; only there near-duplicates and disagreement are looked for.</summary>
    public int RoundsWithAngles { get; }

    /// <summary>Whether anybody ever claimed a loss that the server could measure; otherwise claims of losses are not looked at.</summary>
    public bool HasLosses { get; }

    /// <summary>Reads the report off what the rounds showed.</summary>
    public static AnomalyReport Of(IReadOnlyList<RoundObservations> rounds)
    {
        string[] everyone = [.. rounds.SelectMany(round => round.Participants).Distinct().Order(StringComparer.Ordinal)];
        var measured = new RoundMeasures[rounds.Count];
        for (int r = 0; r < rounds.Count; r++)
            measured[r] = new RoundMeasures(rounds[r]);
        double[] cosines = MeanCosines(everyone, measured);
        AnomalyScores[] scores = [.. everyone.Select((participant, k) => ScoresOf(participant, k, everyone, measured, cosines))];
        return new AnomalyReport(
            scores,
            [
                .. AnomalyRules.Repetitions(everyone, measured),
                .. AnomalyRules.Duplicates(everyone, cosines),
                .. AnomalyRules.Suspicions(scores),
            ],
            measured);
    }

    static AnomalyScores ScoresOf(string participant, int k, string[] everyone, RoundMeasures[] rounds, double[] cosines)
    {
        (RoundMeasures Round, int Index)[] own =
            [.. rounds.Select(round => (round, round.IndexOf(participant))).Where(pair => pair.Item2 >= 0)];
        int[] met = [.. Enumerable.Range(0, everyone.Length).Where(j => j != k && !double.IsNaN(cosines[k * everyone.Length + j]))];
        int? closest = met.Length == 0 ? null : met.MaxBy(j => cosines[k * everyone.Length + j]);
        return new AnomalyScores(
            participant, own.Length,
            Mean(own.Select(pair => pair.Round.Angles?.WithOthers(pair.Index))),
            closest is { } name ? everyone[name] : null, closest is { } other ? cosines[k * everyone.Length + other] : null,
            Mean(own.Select(pair => pair.Round.NormRatio(pair.Index))),
            Mean(own.Select(pair => (double?)pair.Round.ExamplesRatio(pair.Index))) ?? 1,
            RoundMeasures.Median([.. own.Select(pair => pair.Round.Seen.OwnDistances[pair.Index]).OfType<double>()]),
            RoundMeasures.Median([.. own.Select(pair => pair.Round.Seen.StepDistances[pair.Index]).OfType<double>()]),
            RoundMeasures.Median([.. own.Select(pair => pair.Round.Seen.LossRatios[pair.Index]).OfType<double>()]));
    }

    /// <summary>Mean cosine of every pair over the rounds in which both moved, n x n; NaN where there is none.</summary>
    static double[] MeanCosines(string[] everyone, RoundMeasures[] rounds)
    {
        int n = everyone.Length;
        var places = everyone.Select((id, place) => (id, place)).ToDictionary(p => p.id, p => p.place);
        var sums = new double[n * n];
        var counts = new int[n * n];
        foreach (RoundMeasures round in rounds)
        {
            int[] place = [.. round.Seen.Participants.Select(id => places[id])];
            for (int i = 0; i < place.Length; i++)
            {
                for (int j = 0; j < place.Length; j++)
                {
                    if (round.Angles?.Between(i, j) is not { } cosine)
                        continue;
                    sums[place[i] * n + place[j]] += cosine;
                    counts[place[i] * n + place[j]]++;
                }
            }
        }
        return [.. sums.Zip(counts, (sum, count) => count == 0 ? double.NaN : sum / count)];
    }

    static double? Mean(IEnumerable<double?> numbers)
    {
        double[] known = [.. numbers.OfType<double>()];
        return known.Length == 0 ? null : known.Average();
    }
}
