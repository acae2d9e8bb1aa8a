using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Valuation.Anomalies;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>What <c>fedvalue anomalies</c> says on the console: everybody's figures, what to look at, what was not looked for.</summary>
static class AnomalyTable
{
    /// <summary>What the columns of figures take in one line, with what lies between all columns.</summary>
    const int WidthOfFigures = 85;

    public static void Print(AnomalyReport anomalies, FederationHistory history)
    {
        SummaryTables.FitOutput();
        if (history.Rounds.Count == 0)
        {
            Console.WriteLine("No round was paid yet, so there is nothing to look at.");
            return;
        }
        foreach (Table table in Scores(anomalies.Scores, AnsiConsole.Profile.Width))
            AnsiConsole.Write(table);
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

    /// <summary>One table, or two where one is too wide: a name is not broken as long as two of them fit into a line.</summary>
    internal static IReadOnlyList<Table> Scores(IReadOnlyList<AnomalyScores> scores, int width)
    {
        int longest = scores.Select(s => s.Participant.Length).DefaultIfEmpty().Max();
        (string Title, bool IsName, Func<AnomalyScores, string> Text)[] columns =
        [
            ("rounds", false, s => Figures.Count(s.Rounds)), ("agreement", false, s => Two(s.Agreement)),
            ("most alike", true, s => Markup.Escape(s.Closest ?? Figures.None)), ("their cosine", false, s => Two(s.Closeness)),
            ("norm / median", false, s => Two(s.NormRatio)), ("examples / median", false, s => Two(s.ExamplesRatio)),
            ("change to own", false, s => Two(s.OwnDistance)), ("change to step", false, s => Two(s.StepDistance)),
            ("claimed / measured loss", false, s => Two(s.LossRatio)),
        ];
        int tables = 2 * longest + WidthOfFigures <= width ? 1 : 2;
        return [.. columns.Chunk((columns.Length + tables - 1) / tables).Select(chunk =>
        {
            Table table = SummaryTables.NewTable("Anomaly scores", ["participant", .. chunk.Select(column => column.Title)]);
            foreach (AnomalyScores s in scores)
                table.AddRow([Markup.Escape(s.Participant), .. chunk.Select(column => column.Text(s))]);
            for (int c = 0; c <= chunk.Length; c++)
            {
                bool isName = c == 0 || chunk[c - 1].IsName;
                if (!isName)
                    table.Columns[c].RightAligned();
                else if (2 * longest <= width / 2)
                    table.Columns[c].NoWrap();
            }
            return table;
        })];
    }

    static string Two(double? number) => number is { } known ? Figures.Fixed(known, 2) : Figures.None;
}
