using System.Globalization;
using System.Numerics;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>What a run says on the console: who contributed what under which method, how sure that is, and who was paid.</summary>
static class SummaryTables
{
    const int WidthWhenRedirected = 120;
    const int ParticipantWidth = 20;
    const int CellWidth = 21;

    public static void Print(RunSummary summary, string output)
    {
        FitOutput();
        AnsiConsole.Write(Payouts(summary));
        foreach (MethodSummary[] methods in summary.Methods.Chunk(Math.Max(1, (AnsiConsole.Profile.Width - ParticipantWidth) / CellWidth)))
            AnsiConsole.Write(Values(summary, methods));
        if (summary.Methods.Count > 0)
            AnsiConsole.Write(Agreement(summary));
        if (summary.Counterfactual is { } pool)
        {
            foreach (Table table in CounterfactualTable.Of(pool, summary.History.Participants, AnsiConsole.Profile.Width - ParticipantWidth))
                AnsiConsole.Write(table);
            Console.WriteLine(CounterfactualTable.Line(pool));
        }
        foreach (string warning in summary.Warnings)
            Console.WriteLine($"warning: {warning}");
        AnomalyTable.PrintFindings(summary.Anomalies, summary.History.Created.Terms.GramLimit);
        Console.WriteLine(ModelLine(summary));
        Console.WriteLine($"report: {Path.Combine(output, RunFolder.ReportFile)}");
        Console.WriteLine($"ledger: {summary.History.Head.Size} entries, root {summary.History.Head.Root}");
        Console.WriteLine($"check it: fedvalue audit {output} --recompute");
    }

    /// <summary>Tables that go into a file or a pipe have one width and no colours.</summary>
    internal static void FitOutput()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Profile.Width = WidthWhenRedirected;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        AnsiConsole.Profile.Capabilities.Ansi = false;
    }

    static Table Payouts(RunSummary summary)
    {
        Table table = NewTable("Payouts, minor units", "participant", "examples", "rounds", "payout", "share", "what was done to it");
        long total = summary.History.State.Balances.Values.Sum() + summary.History.State.Unallocated;
        foreach (SimulatedParticipant participant in summary.Plan.Participants)
        {
            long payout = summary.History.State.Balances[participant.Id];
            table.AddRow(
                Markup.Escape(participant.Id), Text(participant.Rows.Count), Text(summary.History.RoundsOf(participant.Id)),
                Text(payout), Share(payout, total), Markup.Escape(string.Join("; ", participant.Corruptions)));
        }
        table.AddRow("unallocated", "", "", Text(summary.History.State.Unallocated), Share(summary.History.State.Unallocated, total), "");
        for (int column = 1; column <= 4; column++)
            table.Columns[column].RightAligned();
        return table;
    }

    static Table Values(RunSummary summary, MethodSummary[] methods)
    {
        Table table = NewTable("Values summed over rounds, with 95 % intervals", ["participant", .. methods.Select(m => m.Info.Name)]);
        for (int k = 0; k < summary.Plan.Participants.Count; k++)
        {
            int participant = k;
            table.AddRow([Markup.Escape(summary.Plan.Participants[k].Id), .. methods.Select(m => Value(m.Total, participant))]);
        }
        for (int column = 1; column <= methods.Length; column++)
            table.Columns[column].RightAligned().NoWrap();
        string?[] remarks =
        [
            summary.History.TotalRule.Description,
            methods.Any(m => !m.Total.HasInterval)
                ? "no interval: the method uses no validation data and no sampling, or left out every round" : null,
        ];
        if (string.Join("; ", remarks.OfType<string>()) is { Length: > 0 } caption)
            table.Caption(caption);
        return table;
    }

    static Table Agreement(RunSummary summary)
    {
        Table table = NewTable("Methods", "method", "axioms", "Spearman with exact", "largest share difference", "evaluations", "seconds");
        foreach (MethodSummary m in summary.Methods)
        {
            string note = m.StoppedEarly > 0 ? $" ({Figures.Count(m.StoppedEarly, "round")} at the maximum)" : "";
            table.AddRow(
                m.Info.Name, Axioms(m.Info.Axioms), m.Spearman is { } s ? s.ToString("F2", CultureInfo.InvariantCulture) : "-",
                m.ShareDifference is { } d ? d.ToString("P1", CultureInfo.InvariantCulture) : "-",
                Text(m.Evaluations) + note, m.Time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture));
        }
        for (int column = 2; column <= 5; column++)
            table.Columns[column].RightAligned();
        table.Caption("axioms of the method's own game: E efficiency, S symmetry, N null player, L linearity");
        return table;
    }

    static string ModelLine(RunSummary summary)
    {
        double validation = summary.History.Rounds[^1].ValidationAccuracy;
        IReadOnlyList<double> test = summary.Outcome.TestAccuracies;
        string line = string.Create(CultureInfo.InvariantCulture, $"model: validation accuracy {validation:P1}");
        return test.Count == 0 ? line : line + string.Create(
            CultureInfo.InvariantCulture,
            $", test accuracy {test[0]:P1} before and {test[^1]:P1} after {Figures.Count(summary.History.Rounds.Count, "round")}");
    }

    internal static Table NewTable(string title, params IReadOnlyList<string> columns)
    {
        Table table = new Table().Border(TableBorder.Simple).Title(title);
        foreach (string column in columns)
            table.AddColumn(column);
        return table;
    }

    static string Value(Estimate estimate, int k)
    {
        string value = Number(estimate.Values[k]);
        return estimate.Interval(k) is { } interval
            ? value + " ± " + Number((interval.High - interval.Low) / 2)
            : value + " (no interval)";
    }

    /// <summary>Four decimals; what has no room for them, as powers of ten.</summary>
    internal static string Number(double number) => number.ToString(Math.Abs(number) < 1000 ? "F4" : "0.0E+0", CultureInfo.InvariantCulture);

    static string Axioms(Axioms axioms) => string.Concat(
        Enum.GetValues<Axioms>().Where(axiom => BitOperations.IsPow2((int)axiom)).Select(axiom => axioms.HasFlag(axiom) ? axiom.ToString()[0] : '-'));

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Share(long amount, long total) => total == 0 ? "-" : ((decimal)amount / total).ToString("P1", CultureInfo.InvariantCulture);
}
