using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Valuation.Anomalies;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>What <c>fedvalue anomalies</c> says on the console: everybody's figures, what to look at, what was not looked for.</summary>
static class AnomalyTable
{
    public static void Print(AnomalyReport anomalies, FederationHistory history)
    {
        SummaryTables.FitOutput();
        if (history.Rounds.Count == 0)
        {
            Console.WriteLine("No round was paid yet, so there is nothing to look at.");
            return;
        }
        AnsiConsole.Write(Scores(anomalies));
        PrintFindings(anomalies, history.Created.Terms.GramLimit);
        if (anomalies.Findings.Count == 0)
            Console.WriteLine(AnomalyLimits.NobodyStandsOut(anomalies));
        Console.WriteLine($"looked at: {Figures.Count(history.Rounds.Count, "paid round")} of '{history.Created.Federation}'");
        Console.WriteLine("An anomaly is no verdict and changes no value and no payout.");
    }

    /// <summary>A line for everything to look at, and for what was not looked for.</summary>
    public static void PrintFindings(AnomalyReport anomalies, int gramLimit)
    {
        foreach (AnomalyFinding finding in anomalies.Findings)
            Console.WriteLine($"{(finding.IsCertain ? "anomaly" : "suspicion")}: {finding.Sentence}");
        foreach (string sentence in AnomalyLimits.NotLookedFor(anomalies, gramLimit))
            Console.WriteLine($"note: {sentence}");
    }

    static Table Scores(AnomalyReport anomalies)
    {
        Table table = SummaryTables.NewTable(
            "Anomaly scores", "participant", "rounds", "agreement", "most alike", "their cosine", "norm / median", "examples / median",
            "change to own", "change to step", "claimed / measured loss");
        foreach (AnomalyScores s in anomalies.Scores)
        {
            table.AddRow(
                Markup.Escape(s.Participant), Figures.Count(s.Rounds), Two(s.Agreement), Markup.Escape(s.Closest ?? Figures.None), Two(s.Closeness),
                Two(s.NormRatio), Two(s.ExamplesRatio), Two(s.OwnDistance), Two(s.StepDistance), Two(s.LossRatio));
        }
        foreach (int column in new[] { 1, 2, 4, 5, 6, 7, 8, 9 })
            table.Columns[column].RightAligned();
        return table;
    }

    static string Two(double? number) => number is { } known ? Figures.Fixed(known, 2) : Figures.None;
}
