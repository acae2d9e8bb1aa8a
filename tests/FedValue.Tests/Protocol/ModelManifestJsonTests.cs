using System.Text;
using FedValue.Protocol.Models;

namespace FedValue.Tests.Protocol;

public sealed class ModelManifestJsonTests
{
    const string Tensor = """{"name":"w","dtype":"F32","shape":[2],"role":"weight"}""";

    [Fact]
    public void Members_come_in_any_order_with_any_whitespace()
    {
        ModelManifest manifest = Parse(
            """
             { "tensors" : [ {"role":"weight", "shape":[ 2 ], "dtype":"F32", "name":"w"} ],
              "format":"fedvalue-model-1" }
            """);
        Assert.Equal(Parse(Manifest(Tensor)).ToJson(), manifest.ToJson());
    }

    [Theory]
    [InlineData("not a model manifest", "{")]
    [InlineData("not a model manifest", "")]
    [InlineData("an object", "[]")]
    [InlineData("not a model manifest", """{"format":"fedvalue-model-1","tensors":[]} {}""")]
    [InlineData("lacks", """{"format":"fedvalue-model-1"}""")]
    [InlineData("lacks", """{"tensors":[]}""")]
    [InlineData("'fedvalue-model-2'", """{"format":"fedvalue-model-2","tensors":[]}""")]
    [InlineData("string as format", """{"format":1,"tensors":[]}""")]
    [InlineData("unknown member 'more'", """{"format":"fedvalue-model-1","tensors":[],"more":0}""")]
    [InlineData("'format' comes twice", """{"format":"fedvalue-model-1","format":"fedvalue-model-1","tensors":[]}""")]
    [InlineData("list of tensors", """{"format":"fedvalue-model-1","tensors":{}}""")]
    public void A_manifest_is_exactly_its_format_and_its_tensors(string because, string json) => Refused(because, json);

    [Theory]
    [InlineData("object for each tensor", "1")]
    [InlineData("lacks", """{"dtype":"F32","shape":[2],"role":"weight"}""")]
    [InlineData("lacks", """{"name":"w","shape":[2],"role":"weight"}""")]
    [InlineData("lacks", """{"name":"w","dtype":"F32","role":"weight"}""")]
    [InlineData("lacks", """{"name":"w","dtype":"F32","shape":[2]}""")]
    [InlineData("unknown member 'device'", """{"name":"w","dtype":"F32","shape":[2],"role":"weight","device":"cpu"}""")]
    [InlineData("unknown member 'Name'", """{"Name":"w","dtype":"F32","shape":[2],"role":"weight"}""")]
    [InlineData("'shape' comes twice", """{"name":"w","dtype":"F32","shape":[2],"shape":[2],"role":"weight"}""")]
    [InlineData("string as name", """{"name":null,"dtype":"F32","shape":[2],"role":"weight"}""")]
    [InlineData("surrogate", """{"name":"\ud800","dtype":"F32","shape":[2],"role":"weight"}""")]
    [InlineData("unknown dtype 'float32'", """{"name":"w","dtype":"float32","shape":[2],"role":"weight"}""")]
    [InlineData("'weight' or 'buffer'", """{"name":"w","dtype":"F32","shape":[2],"role":"Weight"}""")]
    [InlineData("0 or more", """{"name":"w","dtype":"F32","shape":[-2],"role":"weight"}""")]
    [InlineData("0 or more", """{"name":"w","dtype":"F32","shape":[2.0],"role":"weight"}""")]
    [InlineData("0 or more", """{"name":"w","dtype":"F32","shape":["2"],"role":"weight"}""")]
    [InlineData("63 bits", """{"name":"w","dtype":"F32","shape":[9223372036854775808],"role":"weight"}""")]
    [InlineData("63 bits", """{"name":"w","dtype":"F32","shape":[4294967296,4294967296],"role":"weight"}""")]
    [InlineData("empty", """{"name":"","dtype":"F32","shape":[2],"role":"weight"}""")]
    [InlineData("'w' comes twice", Tensor + "," + Tensor)]
    [InlineData("A weight is", """{"name":"w","dtype":"I64","shape":[2],"role":"weight"}""")]
    public void A_tensor_is_exactly_its_four_members(string because, string tensors) => Refused(because, Manifest(tensors));

    [Fact]
    public void A_manifest_is_utf8() =>
        Assert.Contains("UTF-8", Assert.Throws<FormatException>(
            () => ModelManifest.Parse([.. "{\"format\":\""u8, 0xff, .. "\",\"tensors\":[]}"u8])).Message);

    [Fact]
    public void A_list_over_the_limit_is_refused_before_the_rest_is_read() =>
        Refused("10000 tensors", Manifest(string.Join(',', Enumerable.Repeat(Tensor, 10_001)) + ",{"));

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] json = Encoding.UTF8.GetBytes(Manifest(Tensor));
        Assert.Equal(2, ModelManifest.Parse(json).WeightCount);
        for (int length = 0; length < json.Length; length++)
            Assert.Throws<FormatException>(() => ModelManifest.Parse(json.AsSpan(0, length)));
    }

    static string Manifest(string tensors) => $$"""{"format":"fedvalue-model-1","tensors":[{{tensors}}]}""";

    static ModelManifest Parse(string json) => ModelManifest.Parse(Encoding.UTF8.GetBytes(json));

    static void Refused(string because, string json) =>
        Assert.Contains(because, Assert.Throws<FormatException>(() => Parse(json)).Message);
}
