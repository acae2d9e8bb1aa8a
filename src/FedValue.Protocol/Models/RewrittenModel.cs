using System.Buffers.Binary;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>
/// The one file of a model that lies in another file, as <see cref="ModelFile.Content"/> would write it: its tensors in the manifest's order,
/// without metadata, F64 weights rounded to fp32. Nothing of it is held.
/// </summary>
public sealed class RewrittenModel : IBlobContent
{
    readonly ModelManifest _manifest;
    readonly SafetensorsHeader _header;
    readonly IBlobContent _file;

    /// <summary>A file whose header is that of the manifest.</summary>
    /// <param name="manifest">What the tensors are.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="file">The file; its streams can seek.</param>
    /// <exception cref="ModelMismatchException">A tensor is missing, has another type or shape, or is not in the manifest.</exception>
    /// <exception cref="ArgumentException">The names need a longer header than a file may have.</exception>
    public RewrittenModel(ModelManifest manifest, SafetensorsHeader header, IBlobContent file)
    {
        ModelFile.Check(manifest, header);
        (_manifest, _header, _file) = (manifest, header, file);
        Length = From(Stream.Null).Length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public Stream OpenRead()
    {
        Stream source = _file.OpenRead();
        return From(source).OpenRead(closing: source);
    }

    SafetensorsContent From(Stream source)
    {
        var there = _header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        return new SafetensorsContent([.. _manifest.Tensors.Select(spec => new Slice(spec, source, _header.DataStart + there[spec.Name].Begin))]);
    }

    sealed class Slice(TensorSpec spec, Stream source, long begin) : TensorSource(spec.Name, spec.Type, spec.Shape)
    {
        public override void Read(long at, Span<byte> destination)
        {
            source.Position = begin + at;
            source.ReadExactly(destination);
            for (int i = 0; spec is { Type: TensorType.F64, Role: TensorRole.Weight } && i < destination.Length; i += sizeof(double))
            {
                Span<byte> number = destination[i..];
                BinaryPrimitives.WriteDoubleLittleEndian(number, (float)BinaryPrimitives.ReadDoubleLittleEndian(number));
            }
        }
    }
}
