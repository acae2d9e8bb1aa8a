using System.Collections.Immutable;
using System.Text;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>
/// What valuation methods remember of participants from round to round: one row of numbers per method and participant. Immutable; the whole of
/// it is a blob of every round, so the latest blob is enough to go on from.
/// </summary>
public sealed class MethodMemory
{
    const char Separator = '\n'; // no participant's id holds it
    const string Ids = "/participants";

    readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double[]>> _rows;

    MethodMemory(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double[]>> rows) => _rows = rows;

    /// <summary>Nothing: before the first round.</summary>
    public static MethodMemory Empty { get; } = new(Sorted<ImmutableSortedDictionary<string, double[]>>());

    /// <summary>A method's rows of some participants, null for who is new to it.</summary>
    public IReadOnlyList<double[]?> Of(string method, IReadOnlyList<string> participants) =>
        [.. participants.Select(p => _rows.TryGetValue(method, out var rows) && rows.TryGetValue(p, out double[]? row) ? row : null)];

    /// <summary>The memory with a method's new rows of a round's participants; those who were absent keep theirs.</summary>
    /// <exception cref="ArgumentException">The rows are not one per participant and all of the width of those before.</exception>
    public MethodMemory With(string method, IReadOnlyList<string> participants, IReadOnlyList<double[]> rows)
    {
        ImmutableSortedDictionary<string, double[]> known = _rows.GetValueOrDefault(method) ?? Sorted<double[]>();
        int width = known.Values.Concat(rows).FirstOrDefault()?.Length ?? 0;
        if (rows.Count != participants.Count || rows.Any(row => row.Length != width))
        {
            throw new ArgumentException(
                $"Method '{method}' must remember {width} numbers of each of {participants.Count} participants, but other rows came.", nameof(rows));
        }
        for (int k = 0; k < rows.Count; k++)
            known = known.SetItem(participants[k], rows[k]);
        return known.IsEmpty ? this : new MethodMemory(_rows.SetItem(method, known));
    }

    /// <summary>
    /// Per method, in ordinal order: F64 <c>METHOD</c> [m, width] and U8 <c>METHOD/participants</c>, the m ids in ordinal order, one per line.
    /// Null where nothing is remembered.
    /// </summary>
    public byte[]? ToBlob()
    {
        if (_rows.IsEmpty)
            return null;
        var numbers = new List<Tensor>();
        var ids = new List<Tensor>();
        foreach ((string method, ImmutableSortedDictionary<string, double[]> rows) in _rows)
        {
            numbers.Add(Tensor.OfDoubles(method, [rows.Count, rows.Values.First().Length], [.. rows.Values.SelectMany(row => row)]));
            byte[] text = Encoding.ASCII.GetBytes(string.Join(Separator, rows.Keys));
            ids.Add(new Tensor(method + Ids, TensorType.U8, [text.Length], text));
        }
        return SafetensorsWriter.Write([.. numbers, .. ids]);
    }

    /// <summary>Reads the blob back.</summary>
    /// <exception cref="FormatException">The tensors are not those of a memory.</exception>
    public static MethodMemory FromBlob(byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        MethodMemory memory = Empty;
        foreach (Tensor numbers in file.Tensors.Where(tensor => tensor.Type == TensorType.F64))
        {
            string[] participants = file.TryGet(numbers.Name + Ids, out Tensor? ids) && ids.Type == TensorType.U8
                ? Encoding.ASCII.GetString(ids.Bytes.Span).Split(Separator)
                : throw new FormatException($"A memory blob holds the participants of '{numbers.Name}' as '{numbers.Name}{Ids}'; this one does not.");
            if (numbers.Shape.Length != 2 || numbers.Shape[0] != participants.Length)
            {
                throw new FormatException(
                    $"A memory blob holds one row per participant, but '{numbers.Name}' is {numbers.Form} for {participants.Length} of them.");
            }
            double[][] rows = participants.Length == 0 ? [] : [.. numbers.AsDoubles().Chunk((int)numbers.Shape[1])];
            memory = memory.With(numbers.Name, participants, rows);
        }
        return memory;
    }

    static ImmutableSortedDictionary<string, T> Sorted<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>What the rounds before say about the participants of a round: all of it follows from the ledger.</summary>
/// <param name="JoinedIn">The round of each participant's first accepted update; who is missing joined in the round at hand.</param>
/// <param name="Memory">What methods remember.</param>
public sealed record PastRounds(IReadOnlyDictionary<string, int> JoinedIn, MethodMemory Memory)
{
    /// <summary>Nothing happened yet.</summary>
    public static PastRounds None { get; } = new(ImmutableDictionary<string, int>.Empty, MethodMemory.Empty);
}
