using System.Buffers.Binary;
using System.Text;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

/// <summary>Safetensors files put together by hand, right or wrong.</summary>
static class RawFile
{
    /// <summary>A file with this header and this many zero bytes after it.</summary>
    public static byte[] Of(string header, int dataLength = 0) => Of(Encoding.UTF8.GetBytes(header), dataLength);

    /// <summary>A file whose header has these members, and this many zero bytes after it.</summary>
    public static byte[] OfMembers(int dataLength, params string[] members) => Of($"{{{string.Join(',', members)}}}", dataLength);

    public static byte[] Of(byte[] header, int dataLength = 0)
    {
        var file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    /// <summary>The JSON of one tensor: F32, shape [1], bytes from begin to end.</summary>
    public static string F32(string name, int begin, int end) =>
        $$"""
        "{{name}}":{"dtype":"F32","shape":[1],"data_offsets":[{{begin}},{{end}}]}
        """;

    public static SafetensorsRule RuleBrokenBy(byte[] file) => RefusalOf(file).Rule;

    public static SafetensorsException RefusalOf(byte[] file) =>
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Read(file));
}
