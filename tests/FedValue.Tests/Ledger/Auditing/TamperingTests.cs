using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Auditing;

/// <summary>Whatever somebody with write access changes: the auditor finds it.</summary>
public class TamperingTests
{
    [Fact]
    public async Task Every_flipped_byte_of_every_entry_is_found_at_that_entry()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            for (int position = 0; position < audits.Entries[i].Bytes.Length; position++)
            {
                List<LedgerEntry> entries = [.. audits.Entries];
                entries[i] = entries[i] with { Bytes = Flipped(entries[i].Bytes.Span, position) };
                AuditReport report = await audits.AloneAsync(new DoctoredLedger(entries));
                Assert.Equal(i, report.FirstWrongEntry);
            }
        }
    }

    [Fact]
    public async Task Every_flipped_byte_with_a_leaf_hash_to_match_is_found_by_the_published_head_or_the_kept_root()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            for (int position = 0; position < audits.Entries[i].Bytes.Length; position++)
            {
                List<byte[]> entries = audits.Bytes;
                entries[i] = Flipped(entries[i], position);
                AuditReport report = await (position % 2 == 0 ? audits.PublishedAsync(entries) : audits.KeptAsync(entries));
                Assert.NotEmpty(report.Findings);
                Assert.True(report.FirstWrongEntry is null || report.FirstWrongEntry >= i);
            }
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_stored_leaf_hash_is_found_at_that_entry()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            for (int position = 0; position < FedValue.Ledger.Digest.Length; position++)
            {
                List<LedgerEntry> entries = [.. audits.Entries];
                entries[i] = entries[i] with { LeafHash = new(Flipped(entries[i].LeafHash.Bytes, position)) };
                Assert.Equal(i, (await audits.AloneAsync(new DoctoredLedger(entries))).FirstWrongEntry);
            }
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_every_blob_is_found_at_the_first_entry_that_names_it()
    {
        using TemporaryFolder folder = new();
        Audits audits = await Audits.CreateAsync(new DirectoryBlobStore(folder.Path));
        foreach ((string file, byte[] content) in folder.Files())
        {
            int expected = audits.FirstNaming(FedValue.Ledger.Digest.Of(content));
            for (int position = 0; position < content.Length; position++)
            {
                File.WriteAllBytes(file, Flipped(content, position));
                AuditReport report = await audits.AloneAsync(new DoctoredLedger(audits.Entries));
                Assert.Equal(expected, report.FirstWrongEntry);
                Assert.Contains("is damaged", Assert.Single(report.Findings).Problem);
            }

            File.WriteAllBytes(file, content);
        }

        Assert.Empty((await audits.AloneAsync(new DoctoredLedger(audits.Entries))).Findings);
    }

    [Fact]
    public async Task Every_removed_entry_is_found()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            List<LedgerEntry> gap = [.. audits.Entries];
            gap.RemoveAt(i);
            AuditReport report = await LedgerAuditor.AuditAsync(new DoctoredLedger(gap), audits.Blobs, audits.Head);
            // Nothing comes after the last entry, so only the published size can tell that it is gone.
            Assert.Equal(i, report.FirstWrongEntry);
            Assert.NotEmpty(report.Findings);

            List<byte[]> closedUp = audits.Bytes;
            closedUp.RemoveAt(i);
            await FoundAsync(audits, closedUp);
        }
    }

    [Fact]
    public async Task Every_swapped_pair_of_neighbours_is_found()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i + 1 < audits.Entries.Count; i++)
        {
            List<LedgerEntry> entries = [.. audits.Entries];
            (entries[i], entries[i + 1]) = (entries[i + 1], entries[i]);
            Assert.Equal(i, (await audits.AloneAsync(new DoctoredLedger(entries))).FirstWrongEntry);

            List<byte[]> renumbered = audits.Bytes;
            (renumbered[i], renumbered[i + 1]) = (renumbered[i + 1], renumbered[i]);
            await FoundAsync(audits, renumbered);
        }
    }

    [Fact]
    public async Task Every_inserted_copy_is_found()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            List<LedgerEntry> entries = [.. audits.Entries];
            entries.Insert(i + 1, entries[i]);
            Assert.Equal(i + 1, (await audits.AloneAsync(new DoctoredLedger(entries))).FirstWrongEntry);

            for (int to = 0; to <= audits.Entries.Count; to++)
            {
                List<byte[]> renumbered = audits.Bytes;
                renumbered.Insert(to, renumbered[i]);
                await FoundAsync(audits, renumbered);
            }
        }
    }

    [Fact]
    public async Task Every_entry_cut_short_or_lengthened_is_found_at_that_entry_even_with_a_leaf_hash_to_match()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            byte[] bytes = audits.Bytes[i];
            foreach (byte[] changed in new byte[][] { bytes[..^1], bytes[1..], [.. bytes, (byte)'}'] })
            {
                List<byte[]> entries = audits.Bytes;
                entries[i] = changed;
                Assert.Equal(i, (await audits.AloneAsync(DoctoredLedger.Consistent(entries))).FirstWrongEntry);
                await FoundAsync(audits, entries);
            }
        }
    }

    [Fact]
    public async Task Another_spelling_of_the_same_event_is_found_at_that_entry_even_with_a_leaf_hash_to_match()
    {
        Audits audits = await Audits.CreateAsync();
        for (int i = 0; i < audits.Entries.Count; i++)
        {
            string text = Encoding.UTF8.GetString(audits.Bytes[i]);
            int letter = text.IndexOf('"', text.IndexOf(':') + 1) + 1; // of the event's type
            string[] spellings =
            [
                text.Insert(letter - 1, " "),
                text + "\n",
                $"{text[..letter]}\\u{(int)text[letter]:x4}{text[(letter + 1)..]}",
                LastMemberFirst(text),
            ];
            foreach (string spelling in spellings)
            {
                List<byte[]> entries = audits.Bytes;
                entries[i] = Encoding.UTF8.GetBytes(spelling);
                Assert.NotEqual(audits.Bytes[i], entries[i]);
                Assert.Equal(EventJson.Serialize(audits.Federation.Events[i]), EventJson.Serialize(EventJson.Parse(entries[i])));
                AuditReport report = await audits.AloneAsync(DoctoredLedger.Consistent(entries));
                Assert.Equal(i, report.FirstWrongEntry);
                Assert.Contains("one spelling", report.Findings[0].Problem);
            }
        }
    }

    /// <summary>The members in another order; the type stays first, as the reader wants it.</summary>
    static string LastMemberFirst(string json)
    {
        JsonObject members = JsonNode.Parse(json)!.AsObject();
        KeyValuePair<string, JsonNode?> last = members.Last();
        members.Remove(last.Key);
        members.Insert(1, last.Key, last.Value);
        return members.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    static async Task FoundAsync(Audits audits, List<byte[]> entries)
    {
        Assert.NotEmpty((await audits.PublishedAsync(entries)).Findings);
        Assert.NotEmpty((await audits.KeptAsync(entries)).Findings);
    }

    static byte[] Flipped(ReadOnlySpan<byte> bytes, int position)
    {
        byte[] flipped = bytes.ToArray();
        flipped[position] ^= 1;
        return flipped;
    }
}
