using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>A receipt that is kept, with the exact text of its entry once that is known: then it can be checked without any server.</summary>
/// <param name="Receipt">The receipt.</param>
/// <param name="Entry">The entry's text; null: not known yet.</param>
/// <param name="Sent">The update that it was given for, as this client sent it; null: it is for something else, or the entry is known.</param>
public sealed record KeptReceipt(Receipt Receipt, string? Entry, SentUpdate? Sent = null);

/// <summary>An update that was accepted.</summary>
/// <param name="Round">The round.</param>
/// <param name="Update">The digest of the update.</param>
public sealed record SentUpdate(int Round, Digest Update);

/// <summary>
/// What a participant keeps: its receipts, the last head that it has checked, and what it declared. In memory, or in a file of JSON lines that
/// the Python client reads and writes as well. A line is forced to the disk before the call that writes it returns; a torn last line, from a
/// crash, is dropped. A file is bound to one ledger and participant, and to one client at a time: a lock on <c>FILE.lock</c> says so to others.
/// Any number of callers.
/// </summary>
public sealed class ClientState : IDisposable
{
    static readonly JsonSerializerOptions Compact = new(ContractJson.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly Lock _lock = new();
    readonly string? _path;
    readonly List<KeptReceipt> _receipts = [];
    Owner? _owner;
    TreeHead? _head;
    long? _declared;
    readonly FileStream? _alone;
    long _searched;

    /// <summary>Whose state it is.</summary>
    sealed record Owner(string Federation, Digest Ledger, string Participant);

    /// <summary>Reads what was kept.</summary>
    /// <param name="path">The file, which need not be there yet; null: nothing outlives the process.</param>
    /// <exception cref="FormatException">A line of the file is none that was written here.</exception>
    /// <exception cref="IOException">The file cannot be read, or another client uses it.</exception>
    internal ClientState(string? path)
    {
        _path = path;
        if (path is null)
            return;
        _alone = Lock(path);
        try
        {
            if (File.Exists(path))
                Load(path);
        }
        catch
        {
            _alone.Dispose();
            throw;
        }
    }

    static FileStream Lock(string path)
    {
        string file = path + ".lock";
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException(
                $"The state in '{path}' cannot be locked: another client uses it, of this process or another one; end that one, or name "
                + $"another file. ({taken.Message})", taken);
        }
    }

    /// <summary>The receipts, one per entry, in the order in which they came.</summary>
    public IReadOnlyList<KeptReceipt> Receipts
    {
        get
        {
            lock (_lock)
                return [.. _receipts];
        }
    }

    /// <summary>The last head that was checked: later ones must lead on from it. Null: none was yet.</summary>
    public TreeHead? Head
    {
        get
        {
            lock (_lock)
                return _head;
        }
    }

    /// <summary>How many examples were declared at enrolment; null: it is not known here.</summary>
    public long? Declared
    {
        get
        {
            lock (_lock)
                return _declared;
        }
    }

    /// <summary>Own updates on the ledger before this index have their receipts here.</summary>
    internal long Searched
    {
        get
        {
            lock (_lock)
                return _searched;
        }
    }

    /// <summary>Whether it outlives the process.</summary>
    internal bool IsDurable => _path is not null;

    /// <summary>Says whose state it is.</summary>
    /// <exception cref="TamperingException">It is another's, or the federation's ledger began anew.</exception>
    internal void Bind(string federation, Digest ledger, string participant)
    {
        lock (_lock)
        {
            var owner = new Owner(federation, ledger, participant);
            if (_owner is null)
            {
                _owner = owner;
                Append("owner", owner);
            }
            else if (_owner != owner)
            {
                (string what, string was, string now) = _owner.Federation != federation ? ("federation", _owner.Federation, federation)
                    : _owner.Participant != participant ? ("participant", _owner.Participant, participant)
                    : ("ledger", _owner.Ledger.ToString(), ledger.ToString());
                throw new TamperingException(
                    $"The state in '{_path}' is for the {what} '{was}', but now '{now}' came; name another file, and keep this one: its receipts "
                    + "are evidence.");
            }
        }
    }

    /// <summary>Keeps a receipt, one per entry: the earliest, with the entry's text once that is known.</summary>
    /// <exception cref="TamperingException">The entry is another one than that of the update that was sent.</exception>
    internal void Add(Receipt receipt, string? entry = null, SentUpdate? sent = null)
    {
        lock (_lock)
        {
            int place = _receipts.FindIndex(kept => IsSameEntry(kept.Receipt, receipt));
            if (place >= 0 && (_receipts[place].Entry is not null || entry is null))
                return;
            sent ??= place >= 0 ? _receipts[place].Sent : null;
            var keep = new KeptReceipt(place >= 0 ? _receipts[place].Receipt : receipt, entry, entry is null ? sent : null);
            if (entry is not null && sent is not null
                && (EventOf(keep) is not UpdateAccepted told || new SentUpdate(told.Round, told.Update) != sent))
            {
                throw new TamperingException(
                    $"The receipt for the update {sent.Update} of round {sent.Round} is that of entry {receipt.Index}, which says something else.");
            }
            Put(keep);
            JsonNode line = JsonSerializer.SerializeToNode(ReceiptMessage.Of(keep.Receipt), Compact)!;
            if (entry is not null)
                line["entry"] = entry;
            else if (sent is not null)
                (line["round"], line["update"]) = (sent.Round, sent.Update.ToString());
            Append("receipt", line);
        }
    }

    /// <summary>Keeps a head that was checked, unless a later one is known.</summary>
    internal void Saw(TreeHead head)
    {
        lock (_lock)
        {
            if (_head == head || _head?.Size > head.Size)
                return;
            _head = head;
            Append("head", HeadMessage.Of(head));
        }
    }

    /// <summary>Keeps up to which index own updates were looked for on the ledger.</summary>
    internal void SearchedTo(long index)
    {
        lock (_lock)
        {
            if (_searched == index)
                return;
            _searched = index;
            Append("searched", index);
        }
    }

    /// <summary>Keeps how many examples were declared at enrolment.</summary>
    internal void Declare(long examples)
    {
        lock (_lock)
        {
            if (_declared == examples)
                return;
            _declared = examples;
            Append("declared", examples);
        }
    }

    /// <summary>The receipt of the participant's accepted update of a round, and the update's digest; null: none is kept.</summary>
    internal (Receipt Receipt, Digest Update)? OfRound(int round, string participant)
    {
        foreach (KeptReceipt kept in Receipts)
        {
            if (EventOf(kept) is UpdateAccepted update && update.Round == round && update.Participant == participant)
                return (kept.Receipt, update.Update);
            if (kept.Sent is { } sent && sent.Round == round)
                return (kept.Receipt, sent.Update);
        }
        return null;
    }

    /// <summary>What the entry of a kept receipt says; null: that is not known.</summary>
    internal LedgerEvent? EventOf(Receipt receipt) =>
        Receipts.FirstOrDefault(kept => IsSameEntry(kept.Receipt, receipt)) is { } kept ? EventOf(kept) : null;

    static LedgerEvent? EventOf(KeptReceipt kept) => kept.Entry is { } entry ? EventJson.Parse(Encoding.UTF8.GetBytes(entry)) : null;

    static bool IsSameEntry(Receipt kept, Receipt other) => (kept.Index, kept.LeafHash) == (other.Index, other.LeafHash);

    void Put(KeptReceipt keep)
    {
        _receipts.RemoveAll(kept => IsSameEntry(kept.Receipt, keep.Receipt));
        _receipts.Add(keep);
    }

    void Load(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        int whole = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (whole < content.Length)
        {
            using var torn = new FileStream(path, FileMode.Open, FileAccess.Write);
            torn.SetLength(whole);
        }
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(content, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                Take(JsonNode.Parse(line));
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or ArgumentException)
            {
                throw new FormatException($"Line {number} of the state in '{path}' cannot be read: {wrong.Message}", wrong);
            }
        }
    }

    void Take(JsonNode? line)
    {
        if (line is not JsonObject { Count: 1 } members)
            throw new FormatException("A line is one object with one member, but something else came.");
        (string kind, JsonNode? value) = members.First();
        switch (kind)
        {
            case "owner":
                _owner = Read<Owner>(value);
                break;
            case "receipt":
                Put(ReadReceipt(value));
                break;
            case "head":
                HeadMessage head = Read<HeadMessage>(value);
                _head = head.Size >= 0 ? new TreeHead(head.Size, head.Root) : throw new FormatException($"{head.Size} is no size.");
                break;
            case "declared":
                _declared = Read<long>(value);
                break;
            case "searched":
                _searched = Read<long>(value) is >= 0 and var index ? index : throw new FormatException($"{value} is no index.");
                break;
            default:
                throw new FormatException(
                    $"A line is an owner, a receipt, a head, a declared number of examples or how far was searched, but '{kind}' came.");
        }
    }

    static KeptReceipt ReadReceipt(JsonNode? value)
    {
        Receipt receipt = Read<ReceiptMessage>(value).ToReceipt();
        if (receipt.Index < 0 || receipt.Index >= receipt.Head.Size)
            throw new FormatException($"There is no entry {receipt.Index} in a tree of {receipt.Head.Size}.");
        string? entry = (string?)value!["entry"];
        if (entry is not null && MerkleHash.Leaf(Encoding.UTF8.GetBytes(entry)) != receipt.LeafHash)
            throw new FormatException($"The text of entry {receipt.Index} is not the one of its leaf hash.");
        SentUpdate? sent = entry is null && value["round"] is { } round && value["update"] is { } update
            ? new SentUpdate((int)round, Digest.Parse((string)update!)) : null;
        return new KeptReceipt(receipt, entry, sent);
    }

    static T Read<T>(JsonNode? value) => value.Deserialize<T>(Compact) ?? throw new FormatException("null came instead of a value.");

    void Append<T>(string kind, T value)
    {
        if (_path is null)
            return;
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, T> { [kind] = value }, Compact);
        bool isNew = !File.Exists(_path);
        using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
        {
            file.Write([.. line, (byte)'\n']);
            file.Flush();
            DurableFile.Flush(file.SafeFileHandle, _path);
        }
        if (isNew)
            DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!);
    }

    /// <summary>Lets others use the file.</summary>
    public void Dispose() => _alone?.Dispose();
}
