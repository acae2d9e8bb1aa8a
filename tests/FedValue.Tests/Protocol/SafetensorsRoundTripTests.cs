using System.Collections.Immutable;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Protocol;

public sealed class SafetensorsRoundTripTests
{
    /// <summary>What makes names hard: escapes, characters beyond ASCII and beyond 16 bits, and nothing at all.</summary>
    static readonly Gen<string> Text =
        Gen.Elements("a", "B", ".", "\"", "\\", "\n", "\0", "\u007f", "é", "\u2028", "\U0001F600", "<", "/")
            .ArrayOf().Select(string.Concat);

    static readonly Gen<Tensor> Tensors =
        from name in Text
        from type in Gen.Elements(Enum.GetValues<TensorType>())
        from rank in Gen.Choose(0, 3)
        from shape in Gen.Choose(0, 4).ArrayOf(rank)
        from bytes in Gen.Choose(0, 255).ArrayOf(shape.Aggregate(type.Width(), (product, dimension) => product * dimension))
        select new Tensor(name, type, [.. shape.Select(dimension => (long)dimension)], bytes.Select(value => (byte)value).ToArray());

    static readonly Arbitrary<Tensor[]> Sets =
        Tensors.ArrayOf().Select(tensors => tensors.DistinctBy(tensor => tensor.Name).ToArray()).ToArbitrary();

    static readonly Arbitrary<Dictionary<string, string>> Metadata =
        (from keys in Text.ArrayOf() from value in Text select keys.Distinct().ToDictionary(key => key, key => key + value)).ToArbitrary();

    [Fact]
    public void What_was_written_is_read_in_the_same_order() =>
        Prop.ForAll(Sets, tensors =>
        {
            ImmutableArray<Tensor> read = SafetensorsFile.Read(SafetensorsWriter.Write(tensors)).Tensors;
            Assert.Equal(tensors.Length, read.Length);
            foreach ((Tensor expected, Tensor actual) in tensors.Zip(read))
            {
                Assert.Equal((expected.Name, expected.Type, expected.Count), (actual.Name, actual.Type, actual.Count));
                Assert.True(expected.Shape.SequenceEqual(actual.Shape));
                Assert.True(expected.Bytes.Span.SequenceEqual(actual.Bytes.Span));
            }
        }).Holds();

    [Fact]
    public void Metadata_is_read_as_it_was_written() =>
        Prop.ForAll(Sets, Metadata, (tensors, metadata) =>
        {
            SafetensorsFile file = SafetensorsFile.Read(SafetensorsWriter.Write(tensors, metadata));
            Assert.Equal(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal), file.Metadata);
        }).Holds();

    [Fact]
    public void Reading_and_writing_again_gives_the_same_bytes_with_the_data_aligned() =>
        Prop.ForAll(Sets, Metadata, (tensors, metadata) =>
        {
            byte[] file = SafetensorsWriter.Write(tensors, metadata);
            SafetensorsFile read = SafetensorsFile.Read(file);
            Assert.Equal(0, read.Header.DataStart % 8);
            Assert.Equal(file, SafetensorsWriter.Write(read.Tensors, read.Metadata));
        }).Holds();
}
