using FedValue.Cli.Commands;

namespace FedValue.Cli.Runs;

/// <summary>
/// The folder of a run. It is written beside its place under another name and renamed when it is finished, so that it is there whole or not
/// at all; an older run is only replaced when asked, and only once the new one is whole. An empty folder stays the folder it is, because
/// somebody may stand in it: the run is written into a folder inside and its files move up at the end, run.json last. A lock beside the
/// working folder keeps a second run out; what a run that was killed has left there is cleared by the next one that holds the lock.
/// </summary>
sealed class RunFolder : IDisposable
{
    public const string LedgerFile = "ledger.sqlite";
    public const string BlobFolder = "blobs";
    public const string RootFile = "root.txt";
    public const string ReportFile = "report.html";
    public const string ContributionsFile = "contributions.csv";
    public const string ConfigFile = "run.json";

    const string PartialEnd = ".partial";

    readonly string _target;
    readonly bool _force;
    readonly List<string> _parents = []; // made for this run, innermost first
    FileStream? _lock;
    bool _made; // else the working folder is another's, who may have the same number of process in another container
    bool _finished;

    RunFolder(string target, bool isEmptyFolder, bool force)
    {
        (_target, _force) = (target, force);
        string partial = $".{Path.GetFileName(target)}.{Environment.ProcessId}{PartialEnd}";
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
            bool isEmpty = Directory.Exists(full) && !Entries(full).Any();
            if (Directory.Exists(full) && !isEmpty)
                RefuseToReplace(target, full, force);
            folder = new RunFolder(full, isEmpty, force);
            if (Path.GetDirectoryName(folder.Working) is { } place)
            {
                Directory.CreateDirectory(place);
                folder._lock = Lock(target, Path.Combine(place, LockOf(full)));
                ClearWhatWasKilled(full, place);
            }
            folder._made = true;
            Directory.CreateDirectory(folder.Working);
            return folder;
        }
        catch (UsageException)
        {
            folder?.Dispose();
            throw;
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
    /// <exception cref="UsageException">Somebody has taken the place meanwhile; the run is kept under a name that the sentence says.</exception>
    public void Finish()
    {
        bool isInside = Path.GetDirectoryName(Working) == _target;
        if (isInside ? Entries(_target).Any()
            : Directory.Exists(_target) && Directory.EnumerateFileSystemEntries(_target).Any() && !(_force && IsRun(_target)))
        {
            throw new UsageException($"The folder '{_target}' was filled while the simulation ran; the finished run is kept in '{Keep()}'.");
        }
        if (isInside)
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
        if (_made && !_finished && Directory.Exists(Working))
            Directory.Delete(Working, recursive: true);
        _lock?.Dispose(); // which deletes it
        if (_finished)
            return;
        foreach (string parent in _parents.Where(Directory.Exists).TakeWhile(parent => !Directory.EnumerateFileSystemEntries(parent).Any()))
            Directory.Delete(parent);
    }

    /// <summary>Moves the finished run to a name of its own, where nobody clears it.</summary>
    string Keep()
    {
        string kept = $"{_target}-{Environment.ProcessId}";
        Directory.Move(Working, kept);
        _finished = true;
        return kept;
    }

    static string LockOf(string full) => $".{Path.GetFileName(full)}.lock";

    /// <summary>What a folder holds besides the lock and the working folders of runs into it.</summary>
    static IEnumerable<string> Entries(string full) => Directory.EnumerateFileSystemEntries(full).Except(Partials(full, full))
        .Where(entry => Path.GetFileName(entry) != LockOf(full));

    static IEnumerable<string> Partials(string full, string place) => Directory.EnumerateDirectories(place)
        .Where(entry => Path.GetFileName(entry) is var name && name.StartsWith($".{Path.GetFileName(full)}.", StringComparison.Ordinal)
            && name.EndsWith(PartialEnd, StringComparison.Ordinal)
            && name[(Path.GetFileName(full).Length + 2)..^PartialEnd.Length].All(char.IsAsciiDigit));

    static FileStream Lock(string target, string file)
    {
        try
        {
            return new FileStream(
                file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new UsageException($"Another simulation is writing into '{target}'; wait for its end, or name another folder with --out.");
        }
    }

    /// <summary>Only who holds the lock may: nobody else is writing. Where an older run still lies aside, a person has to look.</summary>
    static void ClearWhatWasKilled(string full, string place)
    {
        foreach (string partial in Partials(full, place).Where(partial => !Directory.Exists(partial + ".old")).ToArray())
            Directory.Delete(partial, recursive: true);
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
