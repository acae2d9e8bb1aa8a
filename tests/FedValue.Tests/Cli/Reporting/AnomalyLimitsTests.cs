using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;
using FedValue.Tests.Support;
using FedValue.Valuation.Anomalies;

namespace FedValue.Tests.Cli.Reporting;

/// <summary>A report claims no check that was not made.</summary>
public sealed class AnomalyLimitsTests
{
    static readonly string[] Ids = ["a", "b", "c", "d", "e"];

    [Fact]
    public async Task At_the_gram_limit_angles_are_looked_at_and_above_it_the_report_says_that_they_were_not()
    {
        SimulationOptions options = ReportRuns.Small with { Partition = "iid", Methods = ["in-run"], PayBy = "in-run" };
        RunSummary at = await ReportRuns.RunAsync(options with { GramLimit = 3 }), above = await ReportRuns.RunAsync(options with { GramLimit = 2 });
        Assert.Empty(at.NotLookedFor);
        Assert.Equal(
            "Nobody stands out: no repeated bytes, no near-duplicates, no update that disagrees with the others, no odd norm or claim of "
                + "examples or losses.",
            Paragraphs(at)[0]);

        const string sentence = "Near-duplicates and disagreement were not looked for in 2 of 2 rounds, because rounds of more than 2 updates "
            + "keep no Gram matrix (--gram-limit).";
        Assert.Equal([sentence], above.NotLookedFor);
        Assert.Equal(
            ["Nobody stands out: no repeated bytes, no odd norm or claim of examples or losses.", sentence], Paragraphs(above)[..2]);
        Assert.DoesNotContain("not looked for", string.Join(' ', Paragraphs(at)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", false)]
    [InlineData("2", true)]
    public async Task The_console_says_it_too(string limit, bool isSaid)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, "simulate", "--dataset", "breast-cancer", "--participants", "3",
            "--rounds", "1", "--methods", "in-run", "--pay-by", "in-run", "--gram-limit", limit);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(isSaid, run.Output.Contains(
            "note: Near-duplicates and disagreement were not looked for in 1 of 1 round, because rounds of more than 2 updates keep no Gram "
                + "matrix (--gram-limit).", StringComparison.Ordinal));
        Assert.Equal(isSaid, run.Output.Contains("--gram-limit", StringComparison.Ordinal));
    }

    [Fact]
    public void Some_rounds_without_angles_and_a_run_without_claimed_losses_are_said()
    {
        AnomalyReport mixed = AnomalyReport.Of([Round(5, hasGram: false), Round(2, hasGram: true), Round(1, hasGram: true)]);
        Assert.Equal(
            [
                "Near-duplicates and disagreement were not looked for in 1 of 2 rounds, because rounds of more than 4 updates keep no Gram matrix "
                    + "(--gram-limit).",
                "Claims of losses were not looked at, because there is no claimed loss that the server could measure.",
            ],
            AnomalyLimits.NotLookedFor(mixed, gramLimit: 4));
        Assert.Equal(
            "Nobody stands out: no repeated bytes, no near-duplicates, no update that disagrees with the others, no odd norm or claim of examples.",
            AnomalyLimits.NobodyStandsOut(mixed));

        AnomalyReport alone = AnomalyReport.Of([Round(1, hasGram: false) with { LossRatios = [1] }]);
        Assert.Empty(AnomalyLimits.NotLookedFor(alone, gramLimit: 0)); // one update has nothing to be compared with
        Assert.Equal(
            "Nobody stands out: no repeated bytes, no odd norm or claim of examples or losses.", AnomalyLimits.NobodyStandsOut(alone));
    }

    static string[] Paragraphs(RunSummary summary) => [.. ReportRuns.Parse(summary).Section("anomalies").Elements("p").Select(p => p.Value)];

    /// <summary>Orthogonal updates of norm 1.</summary>
    static RoundObservations Round(int count, bool hasGram) => new(
        Ids[..count], [.. Enumerable.Repeat(1.0, count)],
        hasGram ? [.. Enumerable.Range(0, count * count).Select(k => k / count == k % count ? 1.0 : 0)] : null,
        [.. Enumerable.Repeat(10L, count)], new Repetition?[count], new double?[count], new double?[count], new double?[count]);
}
