using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FedValue.Protocol.Json;
using FedValue.Protocol.Safetensors;

namespace FedValue.Protocol.Models;

/// <summary>The JSON of a manifest.</summary>
static class ManifestJson
{
    const string Format = "fedvalue-model-1";

    // The object, the list of tensors, a tensor, its shape.
    const int DepthMax = 4;

    public static byte[] Write(ModelManifest manifest)
    {
        StringBuilder json = new StringBuilder("{\"format\":").AppendJson(Format).Append(",\"tensors\":[");
        foreach (TensorSpec tensor in manifest.Tensors)
        {
            json.Append(json[^1] == '[' ? "{" : ",{").Append("\"name\":").AppendJson(tensor.Name);
            json.Append(",\"dtype\":").AppendJson(tensor.Type.ToString()).Append(",\"shape\":").AppendJson(tensor.Shape);
            json.Append(",\"role\":").AppendJson(tensor.Role == TensorRole.Weight ? "weight" : "buffer").Append('}');
        }

        return json.Append("]}").ToUtf8();
    }

    public static ModelManifest Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8))
                throw new JsonException("expected UTF-8, but other bytes came");
            var json = new StrictJsonReader(utf8, DepthMax);
            ImmutableArray<TensorSpec> tensors = ReadManifest(ref json);
            json.End();
            return ModelManifest.Problem(tensors) is { } problem ? throw new JsonException(problem) : new ModelManifest(tensors);
        }
        catch (JsonException refusal)
        {
            throw new FormatException($"This is not a model manifest: {refusal.Message.TrimEnd('.')}. Correct it and send it again.");
        }
    }

    static ImmutableArray<TensorSpec> ReadManifest(ref StrictJsonReader json)
    {
        string? format = null;
        List<TensorSpec>? tensors = null;
        json.Expect(JsonTokenType.StartObject, "an object with format and tensors");
        HashSet<string> seen = [];
        while (json.NextMember(seen, out string member))
        {
            switch (member)
            {
                case "format":
                    format = json.String("a string as format");
                    break;
                case "tensors":
                    tensors = ReadTensors(ref json);
                    break;
                default:
                    throw new JsonException($"the manifest has the unknown member {Quoted.Text(member)}");
            }
        }

        return (format, tensors) switch
        {
            (null, _) or (_, null) => throw new JsonException("the manifest lacks format or tensors"),
            (Format, _) => [.. tensors],
            _ => throw new JsonException($"expected the format '{Format}', but {Quoted.Text(format)} came"),
        };
    }

    static List<TensorSpec> ReadTensors(ref StrictJsonReader json)
    {
        var tensors = new List<TensorSpec>();
        json.Expect(JsonTokenType.StartArray, "a list of tensors");
        while (json.NextElement(JsonTokenType.StartObject, "an object for each tensor"))
        {
            // Counted here too: a list of ten million must not be built before it is refused.
            if (tensors.Count == ModelManifest.TensorCountMax)
                throw new JsonException($"a model has at most {ModelManifest.TensorCountMax} tensors, but more came");
            tensors.Add(ReadTensor(ref json, tensors.Count));
        }

        return tensors;
    }

    static TensorSpec ReadTensor(ref StrictJsonReader json, int index)
    {
        string? name = null;
        TensorType? type = null;
        ImmutableArray<long>? shape = null;
        TensorRole? role = null;
        HashSet<string> seen = [];
        while (json.NextMember(seen, out string member))
        {
            switch (member)
            {
                case "name":
                    name = json.String("a string as name");
                    break;
                case "dtype":
                    type = ParseType(json.String("a string as dtype"), index);
                    break;
                case "shape":
                    shape = Dimensions(json.Integers("integers of 0 or more as shape"), index);
                    break;
                case "role":
                    role = ParseRole(json.String("a string as role"), index);
                    break;
                default:
                    throw new JsonException($"tensors[{index}] has the unknown member {Quoted.Text(member)}");
            }
        }

        return name is not null && type is { } t && shape is { } s && role is { } r
            ? new TensorSpec(name, t, s, r)
            : throw new JsonException($"tensors[{index}] lacks name, dtype, shape or role");
    }

    static TensorType ParseType(string dtype, int index) =>
        TensorTypes.TryParse(dtype, out TensorType type)
            ? type
            : throw new JsonException($"tensors[{index}] has the unknown dtype {Quoted.Text(dtype)}");

    static TensorRole ParseRole(string role, int index) => role switch
    {
        "weight" => TensorRole.Weight,
        "buffer" => TensorRole.Buffer,
        _ => throw new JsonException($"the role of tensors[{index}] must be 'weight' or 'buffer', but {Quoted.Text(role)} came"),
    };

    static ImmutableArray<long> Dimensions(List<ulong> shape, int index) =>
        shape.Exists(dimension => dimension > long.MaxValue)
            ? throw new JsonException($"the dimensions of tensors[{index}] must fit 63 bits")
            : [.. shape.Select(dimension => (long)dimension)];
}
