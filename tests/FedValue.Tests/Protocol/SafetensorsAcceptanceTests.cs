using System.Buffers.Binary;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class SafetensorsAcceptanceTests
{
    [Fact]
    public void A_scalar_has_no_dimensions_and_one_element()
    {
        Tensor scalar = SafetensorsFile.Read(RawFile.Of("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4))["a"];
        Assert.Empty(scalar.Shape);
        Assert.Equal(1, scalar.Count);
        Assert.Equal([0f], scalar.AsSingles());
    }

    [Fact]
    public void A_dimension_may_be_zero()
    {
        Tensor empty = SafetensorsFile.Read(RawFile.Of("""{"a":{"dtype":"F64","shape":[2,0,3],"data_offsets":[0,0]}}"""))["a"];
        Assert.Equal<long>([2, 0, 3], empty.Shape);
        Assert.Empty(empty.AsDoubles());
    }

    [Fact]
    public void A_file_may_have_no_tensors() => Assert.Empty(SafetensorsFile.Read(RawFile.Of("{}")).Tensors);

    [Fact]
    public void Whitespace_may_follow_the_header_and_stand_between_its_tokens() =>
        Assert.Single(SafetensorsFile.Read(RawFile.Of($"{{ {RawFile.F32("a", 0, 4)}\n}}\r\n\t  ", 4)).Tensors);

    [Fact]
    public void Tensors_come_in_the_order_of_their_bytes_whatever_the_order_of_the_header()
    {
        byte[] file = RawFile.OfMembers(
            8, RawFile.F32("c", 4, 8), """
            "b":{"dtype":"I8","shape":[0],"data_offsets":[4,4]}
            """, RawFile.F32("a", 0, 4));
        Assert.Equal(["a", "b", "c"], SafetensorsFile.Read(file).Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Members_of_a_tensor_come_in_any_order_and_names_may_be_escaped()
    {
        byte[] file = RawFile.Of("""{"\u0061\"\\\n\ud83d\ude00":{"data_offsets":[0,4],"shape":[1],"dtype":"U32"}}""", 4);
        Assert.Equal("a\"\\\n\U0001F600", Assert.Single(SafetensorsFile.Read(file).Tensors).Name);
    }

    [Fact]
    public void Metadata_is_read_wherever_it_stands()
    {
        const string Metadata = """
            "__metadata__":{"b":"2","a":""}
            """;
        SafetensorsFile file = SafetensorsFile.Read(RawFile.OfMembers(4, RawFile.F32("a", 0, 4), Metadata));
        Assert.Equal([("a", ""), ("b", "2")], file.Metadata.Select(pair => (pair.Key, pair.Value)));
        Assert.Single(file.Tensors);
    }

    [Fact]
    public void A_header_of_exactly_the_limit_is_accepted() =>
        Assert.Equal(
            SafetensorsHeader.LengthMax, SafetensorsHeader.Parse(RawFile.Of("{}".PadRight(SafetensorsHeader.LengthMax))).Length);

    [Fact]
    public void Every_type_is_read_with_its_width()
    {
        foreach (TensorType type in Enum.GetValues<TensorType>())
        {
            int length = 3 * type.Width();
            byte[] file = RawFile.OfMembers(length, $$"""
                "a":{"dtype":"{{type}}","shape":[3],"data_offsets":[0,{{length}}]}
                """);
            Assert.Equal(type, SafetensorsFile.Read(file)["a"].Type);
        }
    }

    [Fact]
    public void A_header_is_checked_before_the_body_is_there()
    {
        byte[] file = RawFile.OfMembers(4, RawFile.F32("a", 0, 4));
        int length = SafetensorsHeader.ReadLength(file.AsSpan(0, 8), file.Length);
        SafetensorsHeader header = SafetensorsHeader.Parse(file.AsSpan(0, 8 + length), file.Length);
        Assert.Equal(file.Length - 4, header.DataStart);
        Assert.Equal(new TensorInfo("a", TensorType.F32, [1], 0, 4), header.Tensors[0]);

        var refusal = Assert.Throws<SafetensorsException>(() => SafetensorsHeader.Parse(file.AsSpan(0, 8 + length), file.Length + 1));
        Assert.Equal(SafetensorsRule.MetadataIncompleteBuffer, refusal.Rule);
    }

    [Fact]
    public void A_header_that_is_not_there_to_its_end_is_the_callers_mistake()
    {
        byte[] file = RawFile.Of("{}");
        Assert.Throws<ArgumentException>(() => SafetensorsHeader.ReadLength(file.AsSpan(0, 7), file.Length));
        Assert.Throws<ArgumentException>(() => SafetensorsHeader.Parse(file.AsSpan(0, 9), file.Length));
    }

    [Fact]
    public void Tensors_are_slices_of_the_file_not_copies()
    {
        byte[] file = RawFile.OfMembers(4, RawFile.F32("a", 0, 4));
        Tensor tensor = SafetensorsFile.Read(file)["a"];
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(file.Length - 4), 1.5f);
        Assert.Equal([1.5f], tensor.AsSingles());
    }

    [Fact]
    public void A_tensor_the_file_does_not_have_is_named_in_the_error()
    {
        SafetensorsFile file = SafetensorsFile.Read(RawFile.Of("{}"));
        Assert.False(file.TryGet("bias", out _));
        Assert.Contains("'bias'", Assert.Throws<KeyNotFoundException>(() => file["bias"]).Message);
    }
}
