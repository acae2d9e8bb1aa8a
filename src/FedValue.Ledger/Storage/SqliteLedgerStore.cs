using System.Runtime.CompilerServices;
using FedValue.Ledger.Merkle;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FedValue.Ledger.Storage;

/// <summary>A ledger in one SQLite file: write-ahead log, every commit forced to the disk before the append returns.</summary>
/// <remarks>
/// One connection, one caller at a time, reads included, because many SQLite versions can lose a commit when a second connection meets
/// a checkpoint; see <see cref="SqliteVersion"/>. A file is for one process. Auditors use <see cref="OpenCopy"/>, from another process
/// than the writer's: on Unix, closing any handle of a file drops the locks that SQLite holds on it.
/// </remarks>
public sealed class SqliteLedgerStore : ILedgerStore
{
    const int PageEntries = 128;
    readonly SqliteConnection _connection;
    readonly string _path;
    readonly DirectoryInfo? _copy; // an auditor's copy lives here and goes with the store
    readonly SemaphoreSlim _turn = new(1, 1);
    bool _disposed;

    SqliteLedgerStore(SqliteConnection connection, string path, DirectoryInfo? copy) =>
        (_connection, _path, _copy) = (connection, path, copy);

    internal string? CopyFolder => _copy?.FullName;

    /// <summary>Opens a ledger for appending, or creates it.</summary>
    /// <exception cref="LedgerFormatException">The file is not a ledger, or one of a newer format.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SqliteLedgerStore Open(string path, ILogger? logger = null) => Open(path, create: true, logger);

    /// <summary>Opens a ledger for appending where there is one, and writes nothing where there is none.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="LedgerFormatException">The file is not a ledger, or one of a newer format.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SqliteLedgerStore OpenExisting(string path, ILogger? logger = null)
    {
        path = Path.GetFullPath(path);
        return File.Exists(path) ? Open(path, create: false, logger) : throw new FileNotFoundException(
            $"There is no '{Path.GetFileName(path)}' in '{Path.GetDirectoryName(path)}': restore it from a copy, or move the folder away.", path);
    }

    static SqliteLedgerStore Open(string path, bool create, ILogger? logger)
    {
        path = Path.GetFullPath(path);
        RefuseEmptyFile(path);
        SqliteLedgerStore store = new(SqliteFile.Connect(path, create, path), path, copy: null);
        if (logger is not null && SqliteVersion.IsAffectedByWalReset(SqliteVersion.Current))
            SqliteLog.AffectedByWalReset(logger, SqliteVersion.Current, path);
        return store;
    }

    /// <summary>Opens a temporary copy of a ledger for reading: the original and its folder are not touched.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="LedgerFormatException">The file is not a ledger, or one of a newer format.</exception>
    /// <exception cref="IOException">The file cannot be copied: it cannot be read, changes too fast, or there is no room for a copy.</exception>
    public static SqliteLedgerStore OpenCopy(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"Expected a ledger at '{path}', but there is no such file.", path);
        RefuseEmptyFile(path);
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("fedvalue-audit-");
            string copy = SqliteCopy.Into(folder.FullName, path);
            return new SqliteLedgerStore(SqliteFile.Connect(copy, create: false, path), path, folder);
        }
        catch (Exception e)
        {
            folder?.Delete(recursive: true);
            if (e is not (IOException or UnauthorizedAccessException))
                throw;
            throw new IOException(
                $"The ledger '{path}' could not be copied into the temporary folder '{Path.GetTempPath()}' to be read there: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken ct = default) =>
        new(InTurnAsync(() => SqliteFile.Size(_connection, _path), ct));

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk is full or broken: open the ledger again to see whether the entries are there.</exception>
    /// <exception cref="InvalidOperationException">This is an auditor's copy.</exception>
    public ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default)
    {
        if (_copy is not null)
            throw new InvalidOperationException($"This is a copy of the ledger '{_path}' for reading: append to the original.");
        LedgerEntry.CheckLengths(entries);
        return new ValueTask(InTurnAsync(() => Append(expectedSize, entries), ct));
    }

    /// <inheritdoc/>
    /// <remarks>Entries are fetched in pages, so a slow caller keeps nobody waiting.</remarks>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(long from, [EnumeratorCancellation] CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        long end = await SizeAsync(ct);
        while (from < end)
        {
            long first = from;
            (List<LedgerEntry> page, LedgerFormatException? damage) = await InTurnAsync(() => ReadPage(first, end), ct);
            foreach (LedgerEntry entry in page)
            {
                ct.ThrowIfCancellationRequested();
                yield return entry;
            }

            if (damage is not null)
                throw damage;
            from = page.Count == 0 ? end : page[^1].Index + 1;
        }
    }

    /// <summary>Folds the write-ahead log into the file and closes it; deletes an auditor's copy.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_copy is null)
                SqliteFile.Checkpoint(_connection);
            await _connection.DisposeAsync();
            _copy?.Delete(recursive: true);
        }
        finally
        {
            _turn.Release();
        }
    }

    // SQLite has no asynchronous calls: a thread of the pool waits for the disk, not the caller's.
    async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(work, CancellationToken.None);
        }
        catch (SqliteException e)
        {
            throw SqliteFile.Explain(e, _path);
        }
        finally
        {
            _turn.Release();
        }
    }

    long Append(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        long size = SqliteFile.Size(_connection, _path);
        if (size != expectedSize)
            throw new LedgerConflictException(expectedSize, size);
        using SqliteCommand insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO entry (idx, leaf_hash, bytes) VALUES ($idx, $leaf_hash, $bytes)";
        SqliteParameter index = insert.Parameters.Add("$idx", SqliteType.Integer);
        SqliteParameter leafHash = insert.Parameters.Add("$leaf_hash", SqliteType.Blob);
        SqliteParameter bytes = insert.Parameters.Add("$bytes", SqliteType.Blob);
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            index.Value = size++;
            leafHash.Value = MerkleHash.Leaf(entry.Span).Bytes.ToArray();
            bytes.Value = entry.ToArray();
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return size;
    }

    /// <summary>The next entries, and what is wrong with the one after them.</summary>
    (List<LedgerEntry> Page, LedgerFormatException? Damage) ReadPage(long from, long end)
    {
        List<LedgerEntry> page = [];
        try
        {
            ReadPage(from, end, page);
            return (page, null);
        }
        catch (SqliteException e) when (SqliteFile.Explain(e, _path) is LedgerFormatException damage)
        {
            return (page, new LedgerFormatException(damage.Message, e) { Entry = page.Count == 0 ? from : page[^1].Index + 1 });
        }
        catch (LedgerFormatException damage)
        {
            return (page, damage);
        }
    }

    void ReadPage(long from, long end, List<LedgerEntry> page)
    {
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText =
            "SELECT idx, leaf_hash, bytes FROM entry WHERE idx >= $from AND idx < $end ORDER BY idx LIMIT $limit";
        select.Parameters.AddWithValue("$from", from);
        select.Parameters.AddWithValue("$end", end);
        select.Parameters.AddWithValue("$limit", PageEntries);
        using SqliteDataReader reader = select.ExecuteReader();
        while (reader.Read())
        {
            long index = reader.GetInt64(0);
            // SQLite's columns take values of any type.
            page.Add(reader.GetValue(1) is byte[] { Length: Digest.Length } leafHash && reader.GetValue(2) is byte[] bytes
                ? new LedgerEntry(index, bytes, new Digest(leafHash))
                : throw new LedgerFormatException(
                    $"Entry {index} of the ledger '{_path}' lacks its bytes or its leaf hash of {Digest.Length} bytes: restore a copy.")
                { Entry = index });
        }
    }

    static void RefuseEmptyFile(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 })
        {
            throw new LedgerFormatException(
                $"Expected '{path}' to be a ledger, but it is empty: restore a copy, or delete it if it never was one.");
        }
    }
}
