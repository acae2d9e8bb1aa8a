using System.Text;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void A_tiny_file_has_these_bytes()
    {
        byte[] file = SafetensorsWriter.Write(
            [Tensor.OfSingles("bias", [1, 2], [1f, -2f]), Tensor.OfInt64s("n", [], [3])],
            new Dictionary<string, string> { ["b"] = "\"é\n\u0001", ["B"] = "" });

        // Keys in ordinal order, é as its two UTF-8 bytes, 155 bytes of JSON and 5 spaces.
        const string Header =
            """{"__metadata__":{"B":"","b":"\"é\n\u0001"},"bias":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"""
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}";
        byte[] expected =
        [
            160, 0, 0, 0, 0, 0, 0, 0,
            .. Encoding.UTF8.GetBytes(Header), 32, 32, 32, 32, 32,
            0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0,
            3, 0, 0, 0, 0, 0, 0, 0,
        ];
        Assert.Equal(expected, file);
    }

    [Fact]
    public void A_file_without_tensors_has_these_bytes() => Assert.Equal("\b\0\0\0\0\0\0\0{}      "u8, SafetensorsWriter.Write([]));

    [Fact]
    public void Empty_metadata_is_not_written() =>
        Assert.Equal(SafetensorsWriter.Write([]), SafetensorsWriter.Write([], new Dictionary<string, string>()));

    [Fact]
    public void The_order_in_which_metadata_was_added_does_not_matter()
    {
        var forward = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        var backward = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" };
        Assert.Equal(SafetensorsWriter.Write([], forward), SafetensorsWriter.Write([], backward));
    }

    [Fact]
    public void A_name_cannot_come_twice()
    {
        Tensor tensor = Tensor.OfSingles("twin", [1], [1f]);
        Assert.Contains("'twin'", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write([tensor, tensor])).Message);
    }

    [Fact]
    public void Metadata_must_have_utf8_bytes() =>
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write([], new Dictionary<string, string> { ["a"] = "\udc00" }));

    [Fact]
    public void What_the_reader_would_refuse_is_not_written()
    {
        Tensor[] many = [.. Enumerable.Range(0, SafetensorsHeader.TensorCountMax + 1).Select(i => Tensor.OfSingles($"{i}", [0], []))];
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(many));
        Assert.Equal(SafetensorsHeader.TensorCountMax, SafetensorsFile.Read(SafetensorsWriter.Write(many[1..])).Tensors.Length);

        var longText = new Dictionary<string, string> { ["a"] = new('x', SafetensorsHeader.LengthMax) };
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write([], longText));
    }
}
