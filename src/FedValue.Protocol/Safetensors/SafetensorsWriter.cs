using System.Buffers.Binary;
using System.Text;
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
        Tensor[] inOrder = [.. tensors];
        byte[] header = Header(inOrder, metadata ?? new Dictionary<string, string>());
        int padded = (header.Length + Alignment - 1) / Alignment * Alignment;
        long length = SafetensorsHeader.PrefixLength + padded + inOrder.Sum(tensor => (long)tensor.Bytes.Length);
        if (padded > SafetensorsHeader.LengthMax || length > Array.MaxLength)
            throw new ArgumentException(
                $"A safetensors file has at most {SafetensorsHeader.LengthMax} bytes of header and {Array.MaxLength} bytes in all here,"
                + $" but these tensors need {padded} and {length}; use shorter names, or split them over several files.",
                nameof(tensors));

        var file = new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(file, padded);
        header.CopyTo(file, SafetensorsHeader.PrefixLength);
        file.AsSpan(SafetensorsHeader.PrefixLength + header.Length, padded - header.Length).Fill((byte)' ');
        Span<byte> rest = file.AsSpan(SafetensorsHeader.PrefixLength + padded);
        foreach (Tensor tensor in inOrder)
        {
            tensor.Bytes.Span.CopyTo(rest);
            rest = rest[tensor.Bytes.Length..];
        }

        return file;
    }

    static byte[] Header(Tensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        if (tensors.Length > SafetensorsHeader.TensorCountMax)
            throw new ArgumentException(
                $"A safetensors file has at most {SafetensorsHeader.TensorCountMax} tensors here, but {tensors.Length} came; merge some.");
        var json = new StringBuilder("{");
        if (metadata.Count > 0)
            AppendMetadata(json, metadata);

        HashSet<string> seen = new(StringComparer.Ordinal);
        long begin = 0;
        foreach (Tensor tensor in tensors)
        {
            if (!seen.Add(tensor.Name))
                throw new ArgumentException($"Names in a file are unique, but tensor {Quoted.Text(tensor.Name)} comes twice; rename one.");
            long end = begin + tensor.Bytes.Length;
            Separate(json).AppendJson(tensor.Name).Append(":{\"dtype\":").AppendJson(tensor.Type.ToString());
            json.Append(",\"shape\":").AppendJson(tensor.Shape).Append(",\"data_offsets\":").AppendJson([begin, end]).Append('}');
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
