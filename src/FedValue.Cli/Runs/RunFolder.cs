using FedValue.Cli.Commands;

namespace FedValue.Cli.Runs;

/// <summary>
/// The folder of a run. It is written beside its place under another name and renamed when it is finished, so that it is there whole or not
/// at all; an older run is only replaced when asked, and only once the new one is whole.
/// </summary>
sealed class RunFolder : IDisposable
{
    public const string LedgerFile = "ledger.sqlite";
    public const string BlobFolder = "blobs";
    public const string RootFile = "root.txt";
    public const string ReportFile = "report.html";
    public const string ContributionsFile = "contributions.csv";
    public const string ConfigFile = "run.json";

    readonly string _target;
    bool _finished;

    RunFolder(string target, string working) => (_target, Working) = (target, working);

    /// <summary>Where the files are written.</summary>
    public string Working { get; }

    /// <summary>A file of the run while it is written.</summary>
    public string this[string file] => Path.Combine(Working, file);

    /// <summary>Checks the place and makes the working folder.</summary>
    /// <exception cref="UsageException">The place is taken or cannot be written.</exception>
    public static RunFolder Begin(string target, bool force)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (File.Exists(full))
            throw new UsageException($"'{target}' is a file; name a folder with --out.");
        if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
        {
            if (!IsRun(full))
                throw new UsageException($"The folder '{target}' is not empty and holds no run; name another one with --out.");
            if (!force)
                throw new UsageException($"The folder '{target}' holds a run; replace it with --force, or name another one with --out.");
        }
        string working = Path.Combine(Path.GetDirectoryName(full) ?? full, $".{Path.GetFileName(full)}.{Environment.ProcessId}.partial");
        try
        {
            Directory.CreateDirectory(working);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The folder '{target}' cannot be made: {failure.Message}");
        }
        return new RunFolder(full, working);
    }

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, LedgerFile)) && File.Exists(Path.Combine(folder, ConfigFile));

    /// <summary>Puts the finished folder into its place.</summary>
    public void Finish()
    {
        string? older = null;
        if (Directory.Exists(_target))
        {
            older = Working + ".old";
            Directory.Move(_target, older);
        }
        Directory.Move(Working, _target);
        _finished = true;
        if (older is not null)
            Directory.Delete(older, recursive: true);
    }

    /// <summary>Leaves nothing behind when the run was not finished.</summary>
    public void Dispose()
    {
        if (!_finished && Directory.Exists(Working))
            Directory.Delete(Working, recursive: true);
    }
}
