namespace FedValue.Ledger.Storage;

/// <summary>Copies the files of an SQLite database that somebody may be writing to, without a connection to it.</summary>
/// <remarks>
/// The database file first, then its write-ahead log: whatever a checkpoint wrote into the database meanwhile is in the log as well, and a
/// half-written end of the log is ignored by SQLite. That holds unless the log was started afresh in between, so its header, with
/// the salts that change then, must be the same before and after.
/// </remarks>
static class SqliteCopy
{
    const int AttemptsMax = 10;
    const int LogHeaderLength = 32;

    /// <summary>Copies the database and its write-ahead log, if any, into a folder and returns the path of the copy.</summary>
    /// <param name="folder">Where the copy goes.</param>
    /// <param name="path">The database.</param>
    /// <param name="betweenFiles">For tests: what somebody else does after the first file was copied.</param>
    public static string Into(string folder, string path, Action? betweenFiles = null)
    {
        string copy = Path.Combine(folder, "ledger.db");
        for (int attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            (string Log, long Length, DateTime Written) before = Stamp(path);
            CopyFile(path, copy);
            betweenFiles?.Invoke();
            if (File.Exists(LogOf(path)))
                CopyFile(LogOf(path), LogOf(copy));
            else
                File.Delete(LogOf(copy));

            (string Log, long Length, DateTime Written) after = Stamp(path);
            // Without a log the database file itself must have stood still.
            if (before.Log == after.Log && (before.Log != "" || before == after))
                return copy;
        }

        throw new IOException($"The ledger '{path}' changed during each of {AttemptsMax} attempts to copy it: try again later.");
    }

    static (string Log, long Length, DateTime Written) Stamp(string path)
    {
        FileInfo file = new(path);
        return (LogHeader(path), file.Exists ? file.Length : -1, file.LastWriteTimeUtc);
    }

    static string LogHeader(string path)
    {
        try
        {
            using FileStream log = OpenShared(LogOf(path));
            Span<byte> header = stackalloc byte[LogHeaderLength];
            return Convert.ToHexString(header[..log.ReadAtLeast(header, LogHeaderLength, throwOnEndOfStream: false)]);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    static void CopyFile(string from, string to)
    {
        using FileStream source = OpenShared(from);
        using FileStream target = File.Create(to);
        source.CopyTo(target);
    }

    static FileStream OpenShared(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    static string LogOf(string path) => path + "-wal";
}
