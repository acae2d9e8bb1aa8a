using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FedValue.Ledger.Storage;

/// <summary>The file behind a <see cref="SqliteLedgerStore"/>: how it is made, how it is recognized, what its errors mean.</summary>
static class SqliteFile
{
    const long ApplicationId = 0x4656616C; // "FVal"
    const long FormatVersion = 1;
    const string Table = "CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf_hash BLOB NOT NULL, bytes BLOB NOT NULL)";

    // No row of ours is longer; SQLite then refuses a longer one before it is in memory.
    const int RowLengthMax = LedgerEntry.LengthMax + 1024;

    /// <summary>Opens a ledger and leaves it in WAL mode with every commit forced to the disk; makes the file when it may.</summary>
    /// <param name="file">The file to open.</param>
    /// <param name="create">Whether it may be made.</param>
    /// <param name="path">The ledger that errors name: the file itself, or what it is a copy of.</param>
    public static SqliteConnection Connect(string file, bool create, string path)
    {
        Batteries_V2.Init();
        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_limit(connection.Handle, raw.SQLITE_LIMIT_LENGTH, RowLengthMax);
            bool blank = IsBlank(connection);
            if (!blank || !create)
                Check(connection, path);
            RefuseCutPage(connection, file, path);
            if (Scalar(connection, "PRAGMA journal_mode = WAL") is not "wal")
                throw new IOException($"The ledger '{path}' lies on a file system without SQLite's WAL mode: move it to a local disk.");
            Execute(connection, "PRAGMA synchronous = FULL");
            if (blank)
                Create(connection, path);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(e, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>How many entries there are, taken from the last index; no index may lie outside of 0 .. 2^63 - 2.</summary>
    public static long Size(SqliteConnection connection, string path) =>
        (Scalar(connection, "SELECT min(idx) FROM entry"), Scalar(connection, "SELECT max(idx) FROM entry")) switch
        {
            ( >= 0L, long last and < long.MaxValue) => last + 1,
            (DBNull, _) => 0,
            var (first, last) => throw new LedgerFormatException(
                $"The ledger '{path}' is damaged: one of its entries has the impossible index {(first is < 0L ? first : last)}. Restore a copy."),
        };

    /// <summary>Folds the write-ahead log into the file. It may fail: what is committed is as safe in the log.</summary>
    public static void Checkpoint(SqliteConnection connection)
    {
        try
        {
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // The next one to open the ledger does it.
        }
    }

    /// <summary>What an error of SQLite means for the ledger.</summary>
    public static Exception Explain(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_TOOBIG => new LedgerFormatException(
            $"The ledger '{path}' is damaged: an entry has more than the {LedgerEntry.LengthMax} bytes that one may have. Restore a copy.", e),
        // The plain error is what SQLite gives for a header or a schema it does not understand; faults of the machine have their own codes.
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR => new LedgerFormatException(
            $"Expected '{path}' to be a ledger, but it is damaged, cut short or not an SQLite database at all. Restore a copy.", e),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new IOException(
            $"The ledger '{path}' is in use by another process: end that process, or try again.", e),
        _ => new IOException($"The ledger '{path}' could not be read or written: {e.Message} Open it again before you go on.", e),
    };

    static void Create(SqliteConnection connection, string path)
    {
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        if (IsBlank(connection))
        {
            Execute(connection, Table);
            Execute(connection, $"PRAGMA application_id = {ApplicationId}");
            Execute(connection, $"PRAGMA user_version = {FormatVersion}");
        }
        else
        {
            // Another process created something between our look and our lock.
            Check(connection, path);
        }

        transaction.Commit();
    }

    // SQLite notices whole pages that are missing, but reads zeros from a last page that is not all there.
    static void RefuseCutPage(SqliteConnection connection, string file, string path)
    {
        bool logIsEmpty = new FileInfo(file + "-wal") is not { Exists: true, Length: > 0 };
        if (logIsEmpty && new FileInfo(file).Length % Number(connection, "PRAGMA page_size") != 0)
            throw new LedgerFormatException($"Expected '{path}' to be a ledger, but it is cut short. Restore a copy.");
    }

    static bool IsBlank(SqliteConnection connection) =>
        (Number(connection, "PRAGMA application_id"), Number(connection, "SELECT count(*) FROM sqlite_master")) is (0, 0);

    static void Check(SqliteConnection connection, string path)
    {
        long application = Number(connection, "PRAGMA application_id");
        if (application is not (0 or ApplicationId))
        {
            throw new LedgerFormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"Expected '{path}' to be a ledger, but it is an SQLite database of another application (id 0x{application:x8})."));
        }

        long version = Number(connection, "PRAGMA user_version");
        if (application == ApplicationId && version > FormatVersion)
        {
            throw new LedgerFormatException(
                $"The ledger '{path}' has format {version}, but this FedValue knows formats up to {FormatVersion}: use a newer FedValue.");
        }

        // The exact text: a view, a trigger or a virtual table under our name would run somebody else's statements.
        bool ours = application == ApplicationId
            && version == FormatVersion
            && Number(connection, "SELECT count(*) FROM sqlite_master") == 1
            && Scalar(connection, "SELECT sql FROM sqlite_master") is Table;
        if (!ours)
            throw new LedgerFormatException($"Expected '{path}' to be a ledger, but it lacks the one table 'entry' of a ledger.");
    }

    static long Number(SqliteConnection connection, string sql) => (long)Scalar(connection, sql)!;

    static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
