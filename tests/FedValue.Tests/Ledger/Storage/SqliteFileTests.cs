using FedValue.Contracts.Ledger;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;
using Microsoft.Data.Sqlite;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Storage;

public sealed class SqliteFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Ledger => _folder["ledger.db"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("no")]
    [InlineData("This is a text of more than sixteen bytes, but it is no database.")]
    public void A_file_that_is_no_database_is_refused_by_name(string content)
    {
        File.WriteAllText(Ledger, content);
        RefusedBothWays("Expected", Ledger);
        Assert.Equal(content, File.ReadAllText(Ledger));
    }

    [Fact]
    public async Task A_database_of_another_application_is_refused_and_left_alone()
    {
        await ExecuteAsync("PRAGMA application_id = 1; CREATE TABLE entry (idx INTEGER PRIMARY KEY)");
        byte[] before = File.ReadAllBytes(Ledger);
        RefusedBothWays("another application (id 0x00000001)", Ledger);
        Assert.Equal(before, File.ReadAllBytes(Ledger));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_format_is_refused_with_the_advice_to_upgrade()
    {
        await CreateLedgerAsync();
        await ExecuteAsync("PRAGMA user_version = 2");
        RefusedBothWays("use a newer FedValue", Ledger);
    }

    [Theory]
    [InlineData("DROP TABLE entry")]
    [InlineData("ALTER TABLE entry ADD COLUMN more")]
    [InlineData("ALTER TABLE entry RENAME TO entries")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END")]
    [InlineData("DROP TABLE entry; CREATE VIEW entry AS SELECT 0 AS idx, x'00' AS leaf_hash, x'00' AS bytes")]
    [InlineData("PRAGMA user_version = 0")]
    public async Task A_database_that_lacks_the_table_of_a_ledger_is_refused(string change)
    {
        await CreateLedgerAsync();
        await ExecuteAsync(change);
        RefusedBothWays("lacks the one table 'entry'", Ledger);
    }

    [Fact]
    public async Task A_database_with_other_tables_only_is_refused()
    {
        await ExecuteAsync("CREATE TABLE stranger (x)");
        RefusedBothWays("lacks the one table 'entry'", Ledger);
    }

    [Fact]
    public async Task A_truncated_ledger_is_refused_when_opened_or_when_read()
    {
        await CreateLedgerAsync();
        byte[] whole = File.ReadAllBytes(Ledger);
        Assert.True(whole.Length > 40_000);
        for (int length = 0; length < whole.Length; length += 1021)
        {
            File.WriteAllBytes(Ledger, whole[..length]);
            await Assert.ThrowsAsync<LedgerFormatException>(async () =>
            {
                await using SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(Ledger);
                await StoredEntries.ReadAsync(copy);
            });
        }
    }

    [Fact]
    public async Task A_wrong_byte_in_the_first_page_is_damage_or_nothing_but_never_blamed_on_the_machine()
    {
        await CreateLedgerAsync();
        byte[] whole = File.ReadAllBytes(Ledger);
        int[] places = [.. Enumerable.Range(0, 112), .. Enumerable.Range(0, 60).Select(i => 4095 - (i * 5))]; // header, schema
        foreach (int place in places)
        {
            byte[] wrong = [.. whole];
            wrong[place] ^= 0x7f;
            File.WriteAllBytes(Ledger, wrong);
            try
            {
                await using SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(Ledger);
                await StoredEntries.ReadAsync(copy);
            }
            catch (Exception e)
            {
                Assert.True(e is LedgerFormatException, $"byte {place}: {e}");
            }
        }
    }

    [Fact]
    public void A_ledger_to_audit_must_exist()
    {
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => SqliteLedgerStore.OpenCopy(Ledger));
        Assert.Contains(Ledger, missing.Message);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error_that_names_the_ledger()
    {
        string path = Path.Combine(_folder["nowhere"], "ledger.db");
        Assert.Contains(path, Assert.Throws<IOException>(() => SqliteLedgerStore.Open(path)).Message);
    }

    [Fact]
    public async Task A_copy_holds_what_is_still_in_the_write_ahead_log_and_leaves_the_original_alone()
    {
        await using (SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger))
        {
            await store.AppendAsync(0, StoredEntries.Of("a", "b"));
            File.Copy(Ledger, _folder["live.db"]);
            File.Copy(Ledger + "-wal", _folder["live.db-wal"]);
        }

        SortedDictionary<string, byte[]> before = _folder.Files();
        await using (SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(_folder["live.db"]))
        {
            Assert.Equal(["a", "b"], StoredEntries.Texts(await StoredEntries.ReadAsync(copy)));
            Assert.Equal(before, _folder.Files());
        }

        Assert.Equal(before, _folder.Files());
    }

    [Fact]
    public async Task A_copy_taken_while_somebody_writes_holds_a_prefix_of_the_entries()
    {
        await using SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger);
        await store.AppendAsync(0, StoredEntries.Of("0"));
        using CancellationTokenSource enough = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 1; !enough.IsCancellationRequested; i++)
                await store.AppendAsync(i, StoredEntries.Of($"{i}"));
        });

        long last = 0;
        for (int i = 0; i < 20; i++)
        {
            long least = await store.SizeAsync();
            await using SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(Ledger);
            List<string> texts = [.. StoredEntries.Texts(await StoredEntries.ReadAsync(copy))];
            Assert.Equal(Enumerable.Range(0, texts.Count).Select(n => $"{n}"), texts);
            Assert.InRange(texts.Count, Math.Max(least, last), long.MaxValue);
            last = texts.Count;
        }

        await enough.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_copy_begins_again_when_the_write_ahead_log_was_started_afresh_under_it()
    {
        await using SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger);
        await store.AppendAsync(0, StoredEntries.Of("a", "b"));
        await using SqliteConnection other = await SqliteLedgerStoreTests.ConnectAsync(Ledger);
        int attempts = 0;
        string copy = SqliteCopy.Into(Directory.CreateDirectory(_folder["copy"]).FullName, Ledger, () =>
        {
            if (++attempts < 3)
                WriteAfresh();
        });

        Assert.Equal(3, attempts);
        await using (SqliteLedgerStore copied = SqliteLedgerStore.Open(copy))
            Assert.Equal(["a", "b", "more", "more"], StoredEntries.Texts(await StoredEntries.ReadAsync(copied)));
        IOException busy = Assert.Throws<IOException>(() => { SqliteCopy.Into(_folder["copy"], Ledger, WriteAfresh); });
        Assert.Contains("try again later", busy.Message);

        void WriteAfresh()
        {
            SqliteLedgerStoreTests.ExecuteAsync(other, "PRAGMA wal_checkpoint(TRUNCATE)").GetAwaiter().GetResult();
            long size = store.SizeAsync().AsTask().GetAwaiter().GetResult();
            store.AppendAsync(size, StoredEntries.Of("more")).AsTask().GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task A_copy_is_for_reading_and_goes_with_its_store()
    {
        await CreateLedgerAsync();
        SqliteLedgerStore copy = SqliteLedgerStore.OpenCopy(Ledger);
        Assert.True(Directory.Exists(copy.CopyFolder));
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await copy.AppendAsync(await copy.SizeAsync(), StoredEntries.Of("forged")));
        Assert.Contains("for reading", refused.Message);
        await copy.DisposeAsync();
        Assert.False(Directory.Exists(copy.CopyFolder));
    }

    void RefusedBothWays(params string[] parts)
    {
        LedgerFormatException[] refusals =
        [
            Assert.Throws<LedgerFormatException>(() => { SqliteLedgerStore.Open(Ledger); }),
            Assert.Throws<LedgerFormatException>(() => { SqliteLedgerStore.OpenCopy(Ledger); }),
        ];
        foreach (string part in parts)
            Assert.All(refusals, refusal => Assert.Contains(part, refusal.Message));
    }

    async Task CreateLedgerAsync()
    {
        await using SqliteLedgerStore store = SqliteLedgerStore.Open(Ledger);
        await store.AppendAsync(0, StoredEntries.Of([.. Enumerable.Range(0, 50).Select(i => new string((char)('a' + i % 26), 1000))]));
    }

    async Task ExecuteAsync(string sql)
    {
        await using SqliteConnection connection = await SqliteLedgerStoreTests.ConnectAsync(Ledger);
        await SqliteLedgerStoreTests.ExecuteAsync(connection, sql);
    }
}
