using FedValue.Cli.Commands;

namespace FedValue.Cli.Runs;

/// <summary>
/// The folder of a run. It is written beside its place under another name and renamed when it is finished, so that it is there whole or not
/// at all; an older run is only replaced when asked, and only once the new one is whole. An empty folder stays the folder it is, because
/// somebody may stand in it: the run is written into a folder inside and its files move up at the end, run.json last.
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
    readonly List<string> _parents = []; // made for this run, innermost first
    bool _finished;

    RunFolder(string target, bool isEmptyFolder)
    {
        _target = target;
        string partial = $".{Path.GetFileName(target)}.{Environment.ProcessId}.partial";
        Working = Path.Combine((isEmptyFolder ? target : Path.GetDirectoryName(target)) ?? target, partial);
        for (string? parent = Path.GetDirectoryName(Working); !Directory.Exists(parent) && parent is not null; parent = Path.GetDirectoryName(parent))
            _parents.Add(parent);
    }

    /// <summary>Where the files are written.</summary>
    public string Working { get; }

    /// <summary>A file of the run while it is written.</summary>
    public string this[string file] => Path.Combine(Working, file);

    /// <summary>Checks the place and makes the working folder.</summary>
    /// <exception cref="UsageException">The place is taken or cannot be written.</exception>
    public static RunFolder Begin(string target, bool force)
    {
        if (target == "")
            throw new UsageException("--out takes a folder, but its name is empty.");
        RunFolder? folder = null;
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
            if (File.Exists(full))
                throw new UsageException($"'{target}' is a file; name a folder with --out.");
            bool isEmpty = Directory.Exists(full) && !Directory.EnumerateFileSystemEntries(full).Any();
            if (Directory.Exists(full) && !isEmpty)
                RefuseToReplace(target, full, force);
            folder = new RunFolder(full, isEmpty);
            Directory.CreateDirectory(folder.Working);
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            folder?.Dispose();
            throw new UsageException($"The folder '{target}' cannot be made: {failure.Message}");
        }
    }

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, LedgerFile)) && File.Exists(Path.Combine(folder, ConfigFile));

    /// <summary>Puts the finished folder into its place.</summary>
    public void Finish()
    {
        if (Path.GetDirectoryName(Working) == _target)
        {
            foreach (string entry in Directory.GetFileSystemEntries(Working).OrderBy(entry => Path.GetFileName(entry) == ConfigFile))
                Directory.Move(entry, Path.Combine(_target, Path.GetFileName(entry)));
            Directory.Delete(Working);
            _finished = true;
            return;
        }

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
        if (_finished)
            return;
        if (Directory.Exists(Working))
            Directory.Delete(Working, recursive: true);
        foreach (string parent in _parents.Where(Directory.Exists).TakeWhile(parent => !Directory.EnumerateFileSystemEntries(parent).Any()))
            Directory.Delete(parent);
    }

    static void RefuseToReplace(string target, string full, bool force)
    {
        if (!IsRun(full))
            throw new UsageException($"The folder '{target}' is not empty and holds no run; name another one with --out.");
        if (!force)
            throw new UsageException($"The folder '{target}' holds a run; replace it with --force, or name another one with --out.");
        string here = Directory.GetCurrentDirectory();
        if ((here + Path.DirectorySeparatorChar).StartsWith(full + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new UsageException($"The folder '{target}' is to be replaced, but you are in it; run the command from outside of it.");
    }
}
