using System.Text;
using FedValue.Cli.Commands;
using FedValue.Cli.Reporting;

namespace FedValue.Cli.Experiments;

/// <summary>The folder of an experiment: what resumes it, and the tables that are written anew at every end.</summary>
static class ExperimentFolder
{
    public const string CellsFile = "cells.jsonl";
    public const string ValuesFile = "values.csv";
    public const string SummaryFile = "summary.csv";
    public const string GroupsFile = "groups.csv";
    public const string TimesFile = "times.csv";
    public const string TablesFile = "tables.md";
    public const string FigureFile = "distances.svg";
    public const string ReportFile = "report.html";

    /// <summary>Checks the place and makes the folder.</summary>
    /// <exception cref="UsageException">The place is taken or cannot be written.</exception>
    public static void Prepare(string folder)
    {
        if (folder == "")
            throw new UsageException("--out takes a folder, but its name is empty.");
        if (File.Exists(folder))
            throw new UsageException($"'{folder}' is a file; name a folder with --out.");
        string cells = Path.Combine(folder, CellsFile);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(cells))
            throw new UsageException($"The folder '{folder}' is not empty and holds no experiment; name another one with --out.");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The folder '{folder}' cannot be written: {failure.Message}");
        }
    }

    /// <summary>Writes tables and report. Each file appears whole: it is written under another name first.</summary>
    public static void Write(string folder, ExperimentSummary summary)
    {
        Write(folder, ValuesFile, ExperimentCsv.Values(summary));
        Write(folder, SummaryFile, ExperimentCsv.Summary(summary));
        Write(folder, GroupsFile, ExperimentCsv.Groups(summary));
        Write(folder, TimesFile, ExperimentCsv.Times(summary));
        Write(folder, TablesFile, Tables(summary));
        Write(folder, ReportFile, ExperimentReport.Write(summary));
        if (summary.Experiment.Truth == Truth.Sizes)
            Write(folder, FigureFile, ExperimentFigure.Write(summary, summary.Experiment.Methods[0]));
    }

    /// <summary>Findings and tables in Markdown.</summary>
    public static string Tables(ExperimentSummary summary) => string.Join("\n",
    [
        .. ExperimentFindings.Of(summary).Select(finding => $"- {finding}"),
        .. ExperimentTables.Of(summary).Select(table => $"\n{table.Title}:\n\n{table.ToMarkdown().TrimEnd('\n')}"),
    ]) + "\n";

    static void Write(string folder, string file, string text)
    {
        string path = Path.Combine(folder, file), partial = path + ".partial";
        try
        {
            File.WriteAllText(partial, text, new UTF8Encoding(false));
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial); // after a failure; a moved one is not there any more
        }
    }
}
