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
public sealed record KeptReceipt(Receipt Receipt, string? Entry);

/// <summary>
/// What a participant keeps: its receipts, the last head that it has checked, and what it declared. In memory, or in a file of JSON lines that
/// the Python client reads and writes as well. A line is forced to the disk before the call that writes it returns; a torn last line, from a
/// crash, is dropped. A file is bound to one ledger and participant. Any number of callers.
/// </summary>
public sealed class ClientState
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

    /// <summary>Whose state it is.</summary>
    sealed record Owner(string Federation, Digest Ledger, string Participant);

    /// <summary>Reads what was kept.</summary>
    /// <param name="path">The file, which need not be there yet; null: nothing outlives the process.</param>
    /// <exception cref="FormatException">A line of the file is none that was written here.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal ClientState(string? path)
    {
        _path = path;
        if (path is not null && File.Exists(path))
            Load(path);
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
    internal void Add(Receipt receipt, string? entry = null)
    {
        lock (_lock)
        {
            int place = _receipts.FindIndex(kept => IsSameEntry(kept.Receipt, receipt));
            if (place >= 0 && (_receipts[place].Entry is not null || entry is null))
                return;
            var keep = new KeptReceipt(place >= 0 ? _receipts[place].Receipt : receipt, entry);
            Put(keep);
            JsonNode line = JsonSerializer.SerializeToNode(ReceiptMessage.Of(keep.Receipt), Compact)!;
            if (entry is not null)
                line["entry"] = entry;
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

    /// <summary>The receipt of the participant's accepted update of a round; null: none is kept whose entry is known.</summary>
    internal (Receipt Receipt, UpdateAccepted Update)? OfRound(int round, string participant)
    {
        foreach (KeptReceipt kept in Receipts)
        {
            if (EventOf(kept) is UpdateAccepted update && update.Round == round && update.Participant == participant)
                return (kept.Receipt, update);
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
                Take(JsonNode.Parse(line)!.AsObject());
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or NullReferenceException)
            {
                throw new FormatException($"Line {number} of the state in '{path}' cannot be read: {wrong.Message}", wrong);
            }
        }
    }

    void Take(JsonObject line)
    {
        (string kind, JsonNode? value) = line.Single();
        switch (kind)
        {
            case "owner":
                _owner = Read<Owner>(value);
                break;
            case "receipt":
                Put(new KeptReceipt(Read<ReceiptMessage>(value).ToReceipt(), (string?)value!["entry"]));
                break;
            case "head":
                HeadMessage head = Read<HeadMessage>(value);
                _head = new TreeHead(head.Size, head.Root);
                break;
            case "declared":
                _declared = Read<long>(value);
                break;
            default:
                throw new FormatException($"A line is an owner, a receipt, a head or a declared number of examples, but '{kind}' came.");
        }
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
}
