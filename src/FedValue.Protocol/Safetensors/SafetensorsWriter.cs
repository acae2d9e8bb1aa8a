using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Json;

namespace FedValue.Protocol.Safetensors;

/// <summary>Writes safetensors files: same tensors, same order, same metadata give the same bytes on every machine.</summary>
public static class SafetensorsWriter
{
    const int Alignment = 8;

    /// <summary>
    /// A file with the tensors in the given order, no gaps between them, the header padded with spaces to a multiple of 8, and metadata,
    /// if any, first and in ordinal order of its keys; give wider types first if readers map the file, which keeps every tensor aligned.
    /// </summary>
    /// <exception cref="ArgumentException">A name comes twice, metadata has no UTF-8 bytes, or a limit is exceeded.</exception>
    public static byte[] Write(IEnumerable<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var file = new SafetensorsContent([.. tensors.Select(TensorSource.Of)], metadata);
        return file.Length <= Array.MaxLength ? file.ToArray() : throw new ArgumentException(
            $"A file in memory has at most {Array.MaxLength} bytes, but these tensors need {file.Length}; write it piece by piece.",
            nameof(tensors));
    }

    /// <summary>What precedes the tensors' bytes in their file, for files that are sent piece by piece: the length and the padded header.</summary>
    /// <exception cref="ArgumentException">A name comes twice, metadata has no UTF-8 bytes, or a limit is exceeded.</exception>
    public static byte[] Start(IReadOnlyList<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Start([.. tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape, (long)tensor.Bytes.Length))], metadata);

    internal static byte[] Start(
        IReadOnlyList<(string Name, TensorType Type, ImmutableArray<long> Shape, long Length)> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        byte[] header = Header(tensors, metadata ?? new Dictionary<string, string>());
        int padded = (header.Length + Alignment - 1) / Alignment * Alignment;
        if (padded > SafetensorsHeader.LengthMax)
            throw new ArgumentException(
                $"A safetensors header has at most {SafetensorsHeader.LengthMax} bytes here, but these tensors need {padded}; use shorter names.",
                nameof(tensors));
        var start = new byte[SafetensorsHeader.PrefixLength + padded];
        BinaryPrimitives.WriteInt64LittleEndian(start, padded);
        header.CopyTo(start, SafetensorsHeader.PrefixLength);
        start.AsSpan(SafetensorsHeader.PrefixLength + header.Length).Fill((byte)' ');
        return start;
    }

    static byte[] Header(
        IReadOnlyList<(string Name, TensorType Type, ImmutableArray<long> Shape, long Length)> tensors,
        IReadOnlyDictionary<string, string> metadata)
    {
        if (tensors.Count > SafetensorsHeader.TensorCountMax)
            throw new ArgumentException(
                $"A safetensors file has at most {SafetensorsHeader.TensorCountMax} tensors here, but {tensors.Count} came; merge some.");
        var json = new StringBuilder("{");
        if (metadata.Count > 0)
            AppendMetadata(json, metadata);

        HashSet<string> seen = new(StringComparer.Ordinal);
        long begin = 0;
        foreach ((string name, TensorType type, ImmutableArray<long> shape, long length) in tensors)
        {
            if (!seen.Add(name))
                throw new ArgumentException($"Names in a file are unique, but tensor {Quoted.Text(name)} comes twice; rename one.");
            long end = begin + length;
            Separate(json).AppendJson(name).Append(":{\"dtype\":").AppendJson(type.ToString());
            json.Append(",\"shape\":").AppendJson(shape).Append(",\"data_offsets\":").AppendJson([begin, end]).Append('}');
            begin = end;
        }

        return json.Append('}').ToUtf8();
    }

    static void AppendMetadata(StringBuilder json, IReadOnlyDictionary<string, string> metadata)
    {
        json.AppendJson(SafetensorsHeader.MetadataName).Append(":{");
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Separate(json).AppendJson(key).Append(':').AppendJson(value);
        json.Append('}');
    }

    static StringBuilder Separate(StringBuilder json) => json[^1] == '{' ? json : json.Append(',');
}
