using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using FedValue.Protocol.Json;
using static FedValue.Protocol.Safetensors.SafetensorsRule;

namespace FedValue.Protocol.Safetensors;

/// <summary>
/// The checked header of a safetensors file: 8 bytes little-endian length N, N bytes of JSON, then the tensors' bytes without gaps.
/// Everything but the values themselves is checked here, so a stream can be refused before its body is read.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The longest header that is accepted, in bytes: 1 MB.</summary>
    public const int LengthMax = 1_000_000;

    /// <summary>The largest number of tensors that is accepted.</summary>
    public const int TensorCountMax = 10_000;

    /// <summary>The header's member that holds metadata; no tensor can have this name.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The bytes of the length in front of the header.</summary>
    internal const int PrefixLength = 8;

    SafetensorsHeader(int length, ImmutableArray<TensorInfo> tensors, ImmutableSortedDictionary<string, string> metadata) =>
        (Length, Tensors, Metadata) = (length, tensors, metadata);

    /// <summary>N: the length of the JSON with its padding, in bytes.</summary>
    public int Length { get; }

    /// <summary>Where the tensors' bytes start in the file: 8 + N.</summary>
    public int DataStart => PrefixLength + Length;

    /// <summary>The tensors in the order of their bytes.</summary>
    public ImmutableArray<TensorInfo> Tensors { get; }

    /// <summary>The metadata in ordinal order; empty when there is none.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Reads and checks the header of a whole file.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> file) => Parse(file, file.Length);

    /// <summary>Reads and checks the header of a file of which only the beginning is there: at least 8 + N bytes.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule.</exception>
    /// <exception cref="ArgumentException">The header is not there to its end.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> start, long fileLength)
    {
        int length = ReadLength(start, fileLength);
        if (start.Length < PrefixLength + length)
            throw new ArgumentException(
                $"Expected the first {PrefixLength + length} bytes of the file, but {start.Length} came; read on.", nameof(start));
        ReadOnlySpan<byte> utf8 = start.Slice(PrefixLength, length);
        if (!Utf8.IsValid(utf8))
            throw new SafetensorsException(InvalidHeader, "A safetensors header is UTF-8, but other bytes came; check what was sent.");
        if (utf8 is not [(byte)'{', ..])
            throw new SafetensorsException(
                InvalidHeaderStart,
                $"A safetensors header starts with '{{', but {(utf8.IsEmpty ? "it is empty" : $"byte {utf8[0]} came")}; check the file.");
        (List<TensorInfo> tensors, ImmutableSortedDictionary<string, string> metadata) = Deserialize(utf8);

        // Stable, so that tensors without bytes, which share their offsets, keep the order of the header.
        ImmutableArray<TensorInfo> inOrder = [.. tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End)];
        long end = PrefixLength + length + CheckLayout(inOrder);
        if (end != fileLength)
            throw new SafetensorsException(
                MetadataIncompleteBuffer,
                $"The header describes a file of {end} bytes, but {fileLength} came; send the whole file and nothing after it.");
        return new SafetensorsHeader(length, inOrder, metadata);
    }

    /// <summary>Reads N from the first 8 bytes: the whole header is then in the first 8 + N.</summary>
    /// <exception cref="SafetensorsException">The file is too small, or N is over the limit or points past the file's end.</exception>
    /// <exception cref="ArgumentException">The file has 8 bytes or more, but they are not all there.</exception>
    public static int ReadLength(ReadOnlySpan<byte> start, long fileLength)
    {
        if (fileLength < PrefixLength)
            throw new SafetensorsException(
                HeaderTooSmall, $"A safetensors file has at least {PrefixLength} bytes, but {fileLength} came; send the whole file.");
        if (start.Length < PrefixLength)
            throw new ArgumentException(
                $"Expected the first {PrefixLength} bytes of the file, but {start.Length} came; read on.", nameof(start));
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > LengthMax)
            throw new SafetensorsException(
                HeaderTooLarge,
                $"A safetensors header has at most {LengthMax} bytes here, but it says {length}; use shorter names or fewer tensors.");
        if ((long)length > fileLength - PrefixLength)
            throw new SafetensorsException(
                InvalidHeaderLength,
                $"The header says it has {length} bytes, but only {fileLength - PrefixLength} follow; send the whole file.");
        return (int)length;
    }

    internal static SafetensorsException Overflow(string name) =>
        new(
            ValidationOverflow,
            $"The shape and offsets of tensor {Quoted.Text(name)}, and its size in bits, must fit 63 bits, but they do not; correct them.");

    static (List<TensorInfo> Tensors, ImmutableSortedDictionary<string, string> Metadata) Deserialize(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return HeaderJson.Read(utf8);
        }
        catch (JsonException refusal)
        {
            throw new SafetensorsException(
                refusal is DuplicateKeyException ? DuplicateKey : InvalidHeaderDeserialization,
                $"The header is not a JSON object of tensors: {refusal.Message.TrimEnd('.')}. Write it with a safetensors library.");
        }
    }

    static long CheckLayout(ImmutableArray<TensorInfo> inOrder)
    {
        long end = 0;
        foreach (TensorInfo tensor in inOrder)
        {
            if (tensor.Begin != end || tensor.End < tensor.Begin)
                throw new SafetensorsException(
                    InvalidOffset,
                    $"The bytes of tensor {Quoted.Text(tensor.Name)} must start at {end}, where those before it end, but its offsets are"
                    + $" [{tensor.Begin},{tensor.End}]; leave neither hole nor overlap.");
            if (!TensorShape.TryMeasure(tensor.Type, tensor.Shape.AsSpan(), out _, out long bytes))
                throw Overflow(tensor.Name);
            if (tensor.End - tensor.Begin != bytes)
                throw new SafetensorsException(
                    TensorInvalidInfo,
                    $"Tensor {Quoted.Text(tensor.Name)} is {tensor.Form} and needs {bytes} bytes, but its offsets"
                    + $" [{tensor.Begin},{tensor.End}] give it {tensor.End - tensor.Begin}; correct one of them.");
            end = tensor.End;
        }

        return end;
    }
}
