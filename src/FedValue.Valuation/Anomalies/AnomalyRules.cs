using System.Globalization;

namespace FedValue.Valuation.Anomalies;

/// <summary>What counts as an anomaly.</summary>
/// <remarks>
/// The limits are rules of thumb, measured on digits and breast-cancer with 8 participants over 10 rounds; the tests hold the figures.
/// </remarks>
public static class AnomalyRules
{
    /// <summary>Whose agreement is at most this share of the median agreement, and less by at least the margin, disagrees.</summary>
    public const double AgreementShare = 0.5, AgreementMargin = 0.15;

    /// <summary>From this many times the median norm (or its inverse) on, a norm is an outlier.</summary>
    public const double NormRatioMax = 4;

    /// <summary>Examples claimed beyond this many times the median, and the norm, do not fit.</summary>
    public const double ClaimRatioMax = 8;

    /// <summary>
    /// A claimed loss this many times above what the server measures, compared with the median claim, does not fit. Far below it may honestly be,
    /// because whoever holds few classes learns them by heart; but not by this factor.
    /// </summary>
    public const double LossRatioMax = 3, LossRatioMin = 0.001;

    /// <summary>An update this near to an earlier one of its participant is that one again; what is left is rounding to fp32.</summary>
    public const double ReplayDistance = 1e-3;

    internal static IEnumerable<AnomalyFinding> Repetitions(string[] everyone, RoundMeasures[] rounds)
    {
        foreach (string participant in everyone)
        {
            var seen = rounds.Select(round => (round, Index: round.IndexOf(participant))).Where(pair => pair.Index >= 0)
                .Select(pair => pair.round.Seen.Repetitions[pair.Index]).ToList();
            foreach (IGrouping<Repetition, Repetition> same in seen.OfType<Repetition>().GroupBy(r => r))
            {
                (string kind, string what) = same.Key.Kind switch
                {
                    RepetitionKind.RoundModel => ("free-rider", "sent the round's own model back, bit for bit,"),
                    RepetitionKind.EarlierModel => ("stale", "sent the model of an earlier round, bit for bit,"),
                    RepetitionKind.OtherUpdate => ("copy", $"sent the same bytes as {same.Key.Of}"),
                    _ => ("replay", "sent an earlier update of its own again, bit for bit,"),
                };
                IReadOnlyList<string> whom = same.Key.Of is not { } other ? [participant]
                    : string.CompareOrdinal(participant, other) < 0 ? [participant, other] : [other, participant];
                yield return new AnomalyFinding(kind, whom, true,
                    $"{participant} {what} in {same.Count()} of {seen.Count} {(seen.Count == 1 ? "round" : "rounds")}.");
            }
        }
    }

    internal static IEnumerable<AnomalyFinding> Duplicates(string[] everyone, double[] cosines)
    {
        double[] distances = [.. cosines.Select(cosine => Math.Sqrt(Math.Max(0, 2 - 2 * cosine)))];
        foreach ((int[] members, double distance) in NearDuplicates.Groups(distances, everyone.Length))
        {
            string[] group = [.. members.Select(k => everyone[k])];
            yield return new AnomalyFinding("near-duplicate", group, false,
                $"{string.Join(" and ", group)} send nearly the same updates: their mean cosine is {Two(1 - distance * distance / 2)}, " +
                "and nobody else is half as close to anybody: one data set, or one participant under several names.");
        }
    }

    internal static IEnumerable<AnomalyFinding> Suspicions(AnomalyScores[] scores)
    {
        double? median = RoundMeasures.Median([.. scores.Select(s => s.Agreement).OfType<double>()]);
        double? medianLoss = RoundMeasures.Median([.. scores.Select(s => s.LossRatio).OfType<double>()]);
        foreach (AnomalyScores s in scores)
        {
            if (s.LossRatio is { } ratio && (ratio > LossRatioMax * medianLoss || ratio < LossRatioMin * medianLoss))
            {
                yield return new AnomalyFinding("claim", [s.Participant], false,
                    $"{s.Participant} claims {Two(ratio)} times the loss that its own models have on the validation rows, " +
                    $"where the median claim is {Two(medianLoss!.Value)} times; no value depends on it.");
            }
            if (s.Agreement <= Math.Min(AgreementShare * median ?? 0, (median ?? 0) - AgreementMargin))
            {
                yield return new AnomalyFinding("disagrees", [s.Participant], false,
                    $"{s.Participant} disagrees with the others: mean cosine {Two(s.Agreement.Value)} where the median is {Two(median!.Value)}; " +
                    (s.Agreement < -0.3 ? "it pulls against them, as a flipped sign or flipped labels would."
                        : "wrong labels, noise, or rare or very little data would look like this."));
            }
            if (s.NormRatio is { } norm && norm > NormRatioMax * Math.Max(1, s.ExamplesRatio / 2))
            {
                yield return new AnomalyFinding("large-norm", [s.Participant], false,
                    $"{s.Participant} sends large updates: {Two(norm)} times the median norm for {Two(s.ExamplesRatio)} times the median examples.");
            }
            if (s.NormRatio is { } small && small < Math.Min(1, s.ExamplesRatio * 2) / NormRatioMax)
            {
                yield return new AnomalyFinding("small-norm", [s.Participant], false,
                    $"{s.Participant} sends small updates: {Two(small)} times the median norm for {Two(s.ExamplesRatio)} times the median examples.");
            }
            if (s.NormRatio is { } moved && s.ExamplesRatio > ClaimRatioMax * Math.Max(1, moved))
            {
                yield return new AnomalyFinding("claim", [s.Participant], false,
                    $"{s.Participant} claims {Two(s.ExamplesRatio)} times the median examples, " +
                    $"but its updates are {Two(moved)} times the median norm.");
            }
            if (s.StepDistance <= ReplayDistance)
            {
                yield return new AnomalyFinding("free-rider", [s.Participant], false,
                    $"{s.Participant} sends the federation's last step again: its updates differ from it by no more than rounding.");
            }
            if (s.OwnDistance <= ReplayDistance)
            {
                yield return new AnomalyFinding("replay", [s.Participant], false,
                    $"{s.Participant} repeats its own updates: they differ from its first or its previous one by no more than rounding.");
            }
        }
    }

    static string Two(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);
}
