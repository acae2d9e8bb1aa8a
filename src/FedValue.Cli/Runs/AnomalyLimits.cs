using FedValue.Cli.Reporting;
using FedValue.Valuation.Anomalies;

namespace FedValue.Cli.Runs;

/// <summary>What was looked for among the anomalies of a run, and what was not; sentences.</summary>
static class AnomalyLimits
{
    /// <summary>That nobody stands out in anything that was looked for.</summary>
    public static string NobodyStandsOut(AnomalyReport anomalies)
    {
        string[] looked =
        [
            "no repeated bytes",
            .. anomalies.RoundsWithAngles > 0 ? (string[])["no near-duplicates", "no update that disagrees with the others"] : [],
            "no odd norm",
        ];
        return $"Nobody stands out: {string.Join(", ", looked)} or claim of examples{(anomalies.HasLosses ? " or losses" : "")}.";
    }

    /// <summary>What was not looked for, with the reason; none where nothing was left out.</summary>
    /// <param name="anomalies">The report.</param>
    /// <param name="gramLimit">The largest number of updates for which a round's Gram matrix is kept.</param>
    public static IEnumerable<string> NotLookedFor(AnomalyReport anomalies, int gramLimit)
    {
        int without = anomalies.RoundsToCompare - anomalies.RoundsWithAngles;
        if (without > 0)
        {
            yield return $"Near-duplicates and disagreement were not looked for in {without} of {Figures.Count(anomalies.RoundsToCompare, "round")}, "
                + $"because rounds of more than {Figures.Count(gramLimit, "update")} keep no Gram matrix (--gram-limit).";
        }
        if (anomalies.Scores.Count > 0 && !anomalies.HasLosses)
            yield return "Claims of losses were not looked at, because there is no claimed loss that the server could measure.";
    }
}
