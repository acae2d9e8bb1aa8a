using System.Globalization;
using FedValue.Contracts.Ledger;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FedValue.Tests.Ledger.Storage;

public sealed class SqliteLedgerStoreTests : PersistentLedgerStoreContract, IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Ledger => _folder["ledger.db"];

    public void Dispose() => _folder.Dispose();

    protected override Task<ILedgerStore> CreateAsync() => OpenAgainAsync();

    protected override Task<ILedgerStore> OpenAgainAsync() => Task.FromResult<ILedgerStore>(SqliteLedgerStore.Open(Ledger));

    [Fact]
    public async Task A_closed_ledger_is_one_file()
    {
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
        {
            await store.AppendAsync(0, StoredEntries.Of("a"));
            Assert.True(File.Exists(Ledger + "-wal"));
        }

        Assert.Equal([Ledger], _folder.Files().Keys);
    }

    [Fact]
    public async Task A_closed_store_leaves_nothing_in_the_write_ahead_log_even_while_somebody_else_has_it_open()
    {
        SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger);
        await store.AppendAsync(0, StoredEntries.Of("a"));
        await using SqliteConnection other = await ConnectAsync(Ledger);
        Assert.Equal(1L, await ScalarAsync(other, "SELECT count(*) FROM entry"));
        await store.DisposeAsync();
        Assert.Equal(0, new FileInfo(Ledger + "-wal").Length);
    }

    [Fact]
    public async Task A_closed_store_refuses_to_go_on_and_closes_once()
    {
        SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger);
        await store.DisposeAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.SizeAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.AppendAsync(0, StoredEntries.Of("a")));
    }

    [Fact]
    public async Task Every_commit_is_forced_to_the_disk_in_WAL_mode()
    {
        const long full = 2;
        await using SqliteConnection connection = SqliteFile.Connect(Ledger, create: true, Ledger);
        Assert.Equal("wal", await ScalarAsync(connection, "PRAGMA journal_mode"));
        Assert.Equal(full, await ScalarAsync(connection, "PRAGMA synchronous"));
    }

    [Fact]
    public async Task What_was_appended_is_there_after_a_crash()
    {
        // The files as a killed process leaves them: the commits are in the write-ahead log.
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
        {
            await store.AppendAsync(0, StoredEntries.Of("a", "b"));
            await store.AppendAsync(2, StoredEntries.Of("c"));
            File.Copy(Ledger, _folder["crashed.db"]);
            File.Copy(Ledger + "-wal", _folder["crashed.db-wal"]);
        }

        await using SqliteLedgerStore reopened = SqliteLedgerStore.Open(_folder["crashed.db"]);
        Assert.Equal(["a", "b", "c"], StoredEntries.Texts(await StoredEntries.ReadAsync(reopened)));
    }

    [Fact]
    public async Task A_write_ahead_log_cut_anywhere_loses_whole_batches_from_the_end_and_nothing_else()
    {
        byte[] log;
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
        {
            await store.AppendAsync(0, StoredEntries.Of("a1", "a2"));
            await store.AppendAsync(2, StoredEntries.Of("b1", "b2", "b3"));
            await store.AppendAsync(5, StoredEntries.Of("c1"));
            File.Copy(Ledger, _folder["base.db"]);
            log = File.ReadAllBytes(Ledger + "-wal");
        }

        SortedSet<long> sizes = [];
        for (int length = log.Length; length >= 0; length -= 509)
        {
            File.Copy(_folder["base.db"], _folder["cut.db"], overwrite: true);
            File.WriteAllBytes(_folder["cut.db-wal"], log[..length]);
            await using SqliteLedgerStore store = SqliteLedgerStore.Open(_folder["cut.db"]);
            List<string> texts = [.. StoredEntries.Texts(await StoredEntries.ReadAsync(store))];
            Assert.Equal(new[] { "a1", "a2", "b1", "b2", "b3", "c1" }.Take(texts.Count), texts);
            sizes.Add(texts.Count);
        }

        Assert.Equal([0, 2, 5, 6], sizes);
    }

    [Fact]
    public async Task A_row_that_cannot_be_an_entry_is_refused_with_its_index()
    {
        foreach (string damage in new[] { "leaf_hash = x'0011'", "leaf_hash = 'text'", "bytes = 7", "bytes = 'text'" })
        {
            string path = _folder[$"{damage.Length}.db"];
            await using (SqliteLedgerStore store = SqliteLedgerStore.Open(path))
                await store.AppendAsync(0, StoredEntries.Of("a", "b", "c"));
            await using (SqliteConnection connection = await ConnectAsync(path))
                await ExecuteAsync(connection, $"UPDATE entry SET {damage} WHERE idx = 1");

            await using SqliteLedgerStore damaged = SqliteLedgerStore.Open(path);
            LedgerFormatException refused =
                await Assert.ThrowsAsync<LedgerFormatException>(() => StoredEntries.ReadAsync(damaged));
            Assert.Contains("Entry 1 ", refused.Message);
        }
    }

    [Fact]
    public async Task A_missing_row_shows_as_a_gap_and_a_huge_index_as_damage()
    {
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
            await store.AppendAsync(0, StoredEntries.Of("a", "b", "c"));
        await using (SqliteConnection connection = await ConnectAsync(Ledger))
            await ExecuteAsync(connection, "DELETE FROM entry WHERE idx = 1");
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
            Assert.Equal([0, 2], (await StoredEntries.ReadAsync(store)).Select(entry => entry.Index));

        await using (SqliteConnection connection = await ConnectAsync(Ledger))
            await ExecuteAsync(connection, $"UPDATE entry SET idx = {long.MaxValue} WHERE idx = 2");
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
            await Assert.ThrowsAsync<LedgerFormatException>(async () => await store.SizeAsync());
    }

    [Theory]
    [InlineData("UPDATE entry SET leaf_hash = 'text' WHERE idx = {0}", "lacks its bytes")]
    [InlineData("UPDATE entry SET bytes = zeroblob(70000) WHERE idx = {0}", "more than the 65535 bytes")]
    public async Task The_entries_before_a_row_that_cannot_be_one_are_read_and_the_row_is_named(string damage, string part)
    {
        foreach (int index in new[] { 0, 3, 127, 128, 130, 199 }) // around the pages in which entries are fetched
        {
            string path = _folder[$"{index}.db"];
            await using (SqliteLedgerStore store = SqliteLedgerStore.Open(path))
                await store.AppendAsync(0, StoredEntries.Of([.. Enumerable.Range(0, 200).Select(i => $"{i}")]));
            await using (SqliteConnection connection = await ConnectAsync(path))
                await ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, damage, index));

            await using SqliteLedgerStore damaged = SqliteLedgerStore.OpenCopy(path);
            List<long> read = [];
            LedgerFormatException refused = await Assert.ThrowsAsync<LedgerFormatException>(async () =>
            {
                await foreach (LedgerEntry entry in damaged.ReadAsync(0))
                    read.Add(entry.Index);
            });
            Assert.Equal(Enumerable.Range(0, index).Select(i => (long)i), read);
            Assert.Equal(index, refused.Entry);
            Assert.Contains(part, refused.Message);
            AuditReport report = await LedgerAuditor.AuditAsync(damaged, new InMemoryBlobStore(), new TreeHead(200, default));
            Assert.Contains(report.Findings, finding => finding.Entry == index && finding.Problem.Contains(part));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task A_row_outside_of_the_entries_is_damage(long index)
    {
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
            await store.AppendAsync(0, StoredEntries.Of("a", "b"));
        await using (SqliteConnection connection = await ConnectAsync(Ledger))
            await ExecuteAsync(connection, $"INSERT INTO entry SELECT {index}, leaf_hash, bytes FROM entry WHERE idx = 0");
        await using SqliteLedgerStore damaged = SqliteLedgerStore.OpenCopy(Ledger);
        LedgerFormatException refused = await Assert.ThrowsAsync<LedgerFormatException>(() => StoredEntries.ReadAsync(damaged));
        Assert.Contains($"impossible index {index}", refused.Message);
    }

    [Fact]
    public async Task The_stored_leaf_hash_is_returned_as_stored()
    {
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
            await store.AppendAsync(0, StoredEntries.Of("a"));
        await using (SqliteConnection connection = await ConnectAsync(Ledger))
            await ExecuteAsync(connection, "UPDATE entry SET bytes = x'62'");
        await using SqliteLedgerStore doctored = SqliteLedgerStore.Open(Ledger);
        LedgerEntry entry = Assert.Single(await StoredEntries.ReadAsync(doctored));
        Assert.Equal("b"u8.ToArray(), entry.Bytes.ToArray());
        Assert.Equal(MerkleHash.Leaf("a"u8), entry.LeafHash);
    }

    [Fact]
    public async Task An_affected_SQLite_is_logged_once_per_store()
    {
        CollectingLogger logger = new();
        await using (SqliteLedgerStore.Open(Ledger, logger))
        {
        }

        if (SqliteVersion.IsAffectedByWalReset(SqliteVersion.Current))
        {
            (LogLevel level, string message) = Assert.Single(logger.Messages);
            Assert.Equal(LogLevel.Information, level);
            Assert.Contains(SqliteVersion.Current.ToString(), message);
            Assert.Contains("exactly one connection", message);
        }
        else
        {
            Assert.Empty(logger.Messages);
        }
    }

    internal static async Task<SqliteConnection> ConnectAsync(string path)
    {
        SqliteConnection connection = new($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    internal static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    sealed class CollectingLogger : ILogger
    {
        public List<(LogLevel Level, string Message)> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? e, Func<TState, Exception?, string> format) =>
            Messages.Add((level, format(state, e)));
    }
}
