using System.Globalization;
using FedValue.Cli.Reporting;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Runs;

/// <summary>What a reader must know before trusting a number.</summary>
static class RunWarnings
{
    /// <summary>Methods that invert under heterogeneity.</summary>
    static readonly string[] Raw = ["gradient-shapley", "chg"];

    /// <summary>Below this rank correlation a method does not follow; below 0 it leans the other way.</summary>
    const double FollowsFrom = 0.3, LeansBelow = -0.2;

    /// <summary>What a method is held against, the first that was computed.</summary>
    static readonly string[] References = [MethodCatalog.ExactName, MethodCatalog.PermutationName, "cosine"];

    public static IReadOnlyList<string> Of(FederationHistory history) =>
        [.. Timed(history), .. Heterogeneous(history), .. Inverted(history), .. Misdirected(history), .. Unpaid(history), .. Absent(history)];

    public static IEnumerable<string> Of(SimulationPlan plan)
    {
        if (plan.HeldOut.Count > 0)
        {
            yield return $"{Participants(plan.HeldOut.Count)} of the table hold only validation or test rows and do not take part: "
                + $"{Names(plan.HeldOut)}.";
        }
        if (plan.ValidationGroups is { } groups)
        {
            yield return $"The validation rows come from {Figures.Count(groups, "group")}, fewer than the {Jackknife.Blocks} blocks of the "
                + "jackknife: intervals know the error of drawing rows, not groups, and are too narrow.";
        }
        int cohort = plan.CohortSize;
        foreach (AggregationRule rule in AggregationPool.Parse(plan.Options.Aggregator).Members.Where(rule => rule.UpdatesToWithstand > cohort))
        {
            yield return $"{rule.Spec} withstands that many malicious participants only in rounds of {rule.UpdatesToWithstand} or more, but "
                + $"{Participants(cohort)} {(cohort == 1 ? "is" : "are")} invited: it aggregates without that guarantee.";
        }
    }

    static IEnumerable<string> Timed(FederationHistory history)
    {
        string stop = history.Created.Terms.Sampling.Stop.Text;
        if (stop != "" && StopCondition.Parse(stop).HasTimeLimit)
        {
            yield return $"Sampling stops by time ({stop}), so this ledger depends on the speed of the machine: the same seed may give another "
                + "root. An audit takes the recorded numbers of permutations and recomputes everything else.";
        }
    }

    static IEnumerable<string> Heterogeneous(FederationHistory history)
    {
        string[] raw = [.. Raw.Where(history.Methods.Contains)];
        Heterogeneity? measured = Heterogeneity.Of(history.Rounds.Select(r => (r.SquaredNorms, r.Gram)));
        if (raw.Length > 0 && measured is { IsHigh: true })
        {
            string cosine = measured.MeanCosine is { } c ? string.Create(CultureInfo.InvariantCulture, $", mean cosine of two updates {c:F2}") : "";
            string difference = string.Create(CultureInfo.InvariantCulture, $"norms vary by {measured.NormVariation:P0}{cosine}");
            yield return $"The updates differ as on non-IID data ({difference}): {string.Join(" and ", raw)} punish large updates then "
                + "and may invert; do not rank or pay by them.";
        }
    }

    static IEnumerable<string> Inverted(FederationHistory history)
    {
        if (References.FirstOrDefault(history.Methods.Contains) is not { } reference)
            yield break;
        IReadOnlyList<double> expected = history.Total(reference).Values;
        foreach (string method in Raw.Where(history.Methods.Contains))
        {
            if (MethodAgreement.Spearman(expected, history.Total(method).Values) is not { } correlation || correlation > FollowsFrom)
                continue;
            string rank = Math.Abs(correlation) < 0.005 ? "0" : correlation.ToString("F2", CultureInfo.InvariantCulture);
            int count = history.Participants.Count;
            yield return correlation <= -MethodAgreement.CriticalSpearman(count)
                ? $"{method} ranks the participants against {reference} (Spearman {rank}): it has inverted."
                : correlation < LeansBelow
                ? $"{method} leans against {reference} (Spearman {rank}, which chance may do among {count}): it may have inverted; "
                    + "do not rank or pay by it."
                : $"{method} does not follow {reference} (Spearman {rank}): do not rank or pay by it.";
        }
    }

    static IEnumerable<string> Misdirected(FederationHistory history)
    {
        if (history.Created.Terms.Payment.PayBy == "hardness")
            yield return "hardness is high where a participant's own model fails on the validation rows: these payouts reward noise.";
    }

    static IEnumerable<string> Unpaid(FederationHistory history)
    {
        if (history.State.Unallocated > 0)
            yield return $"{history.State.Unallocated} minor units are unallocated: in some rounds no value was positive.";
    }

    static IEnumerable<string> Absent(FederationHistory history)
    {
        string[] absent = [.. history.Participants.Where(p => history.RoundsOf(p) == 0)];
        if (absent.Length > 0)
            yield return $"{Participants(absent.Length)} never took part in a round, so the value is 0: {Names(absent)}.";
    }

    static string Participants(int count) => count == 1 ? "1 participant" : $"{count} participants";

    static string Names(IReadOnlyList<string> names) => string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", ..." : "");
}
