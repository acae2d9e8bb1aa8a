using System.Collections.Immutable;
using System.Text.Json;
using FedValue.Protocol.Json;

namespace FedValue.Protocol.Safetensors;

/// <summary>The JSON of a header, in the order in which it stands there; whether the offsets make sense is not looked at.</summary>
static class HeaderJson
{
    const string Offsets = "two integers as data_offsets";

    // The object, a tensor in it, an array in that.
    const int DepthMax = 3;

    public static (List<TensorInfo> Tensors, ImmutableSortedDictionary<string, string> Metadata) Read(ReadOnlySpan<byte> utf8)
    {
        var json = new StrictJsonReader(utf8, DepthMax);
        var tensors = new List<TensorInfo>();
        var metadata = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        json.Expect(JsonTokenType.StartObject, "an object of tensors");
        HashSet<string> seen = [];
        while (json.NextMember(seen, out string name))
        {
            if (name == SafetensorsHeader.MetadataName)
                metadata = ReadMetadata(ref json).ToImmutableSortedDictionary(StringComparer.Ordinal);
            else if (tensors.Count == SafetensorsHeader.TensorCountMax)
                throw new SafetensorsException(
                    SafetensorsRule.TooManyTensors,
                    $"A safetensors file has at most {SafetensorsHeader.TensorCountMax} tensors here, but more came; merge or drop some.");
            else
                tensors.Add(ReadTensor(ref json, name));
        }

        json.End();
        return (tensors, metadata);
    }

    static Dictionary<string, string> ReadMetadata(ref StrictJsonReader json)
    {
        json.Expect(JsonTokenType.StartObject, $"an object as {SafetensorsHeader.MetadataName}");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        HashSet<string> seen = [];
        while (json.NextMember(seen, out string key))
            metadata.Add(key, json.String($"a string as the metadata of {Quoted.Text(key)}"));
        return metadata;
    }

    static TensorInfo ReadTensor(ref StrictJsonReader json, string name)
    {
        TensorType? type = null;
        ImmutableArray<long>? shape = null, offsets = null;
        json.Expect(JsonTokenType.StartObject, $"an object for tensor {Quoted.Text(name)}");
        HashSet<string> seen = [];
        while (json.NextMember(seen, out string member))
        {
            switch (member)
            {
                case "dtype":
                    type = ParseType(json.String("a string as dtype"), name);
                    break;
                case "shape":
                    shape = Signed(json.Integers("integers of 0 or more as shape"), name);
                    break;
                case "data_offsets":
                    offsets = Signed(json.Integers(Offsets), name);
                    break;
                default:
                    throw new JsonException($"tensor {Quoted.Text(name)} has the unknown member {Quoted.Text(member)}");
            }
        }

        return type is { } t && shape is { } s && offsets is { } o
            ? o.Length == 2
                ? new TensorInfo(name, t, s, o[0], o[1])
                : throw new JsonException($"expected {Offsets} of tensor {Quoted.Text(name)}, but {o.Length} came")
            : throw new JsonException($"tensor {Quoted.Text(name)} lacks dtype, shape or data_offsets");
    }

    static TensorType ParseType(string dtype, string name) =>
        TensorTypes.TryParse(dtype, out TensorType type)
            ? type
            : throw (TensorTypes.IsSubByte(dtype)
                ? new SafetensorsException(
                    SafetensorsRule.MisalignedSlice,
                    $"Elements must be whole bytes, but tensor {Quoted.Text(name)} has type {dtype}; send a type of 8 bits or more.")
                : new JsonException($"tensor {Quoted.Text(name)} has the unknown dtype {Quoted.Text(dtype)}"));

    static ImmutableArray<long> Signed(List<ulong> numbers, string name) =>
        numbers.Exists(number => number > long.MaxValue)
            ? throw SafetensorsHeader.Overflow(name)
            : [.. numbers.Select(number => (long)number)];
}
