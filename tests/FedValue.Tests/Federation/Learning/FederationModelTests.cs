using System.Collections.Immutable;
using FedValue.Federation.Learning;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Federation.Learning;

/// <summary>What a federation may begin with, in memory, in a file, and read back.</summary>
public sealed class FederationModelTests
{
    static readonly ModelManifest Manifest = new(
    [
        new("w", TensorType.F32, [3], TensorRole.Weight), new("d", TensorType.F64, [2], TensorRole.Weight),
        new("h", TensorType.F16, [1], TensorRole.Weight), new("m", TensorType.F64, [1], TensorRole.Buffer),
    ]);

    [Fact]
    public async Task A_model_of_unknown_layers_is_not_held_and_its_file_is_the_one_that_there_is()
    {
        float[] weights = [1, 2, 3, 0.5f, -7, 2];
        ImmutableArray<Tensor> buffers = [Tensor.OfDoubles("m", [1], [1e300])];
        byte[] file = ModelFile.Write(Manifest, weights, buffers);
        byte[] shuffled = SafetensorsWriter.Write(SafetensorsFile.Read(file).Tensors.Reverse(), new Dictionary<string, string> { ["a"] = "b" });
        FederationModel model = await ReadAsync(shuffled);
        Assert.Throws<InvalidOperationException>(() => model.Weights);
        Assert.Equal(file, model.ToFile().ToArray());
        Assert.Equal(file, FederationModel.Of(Manifest, weights, buffers).ToFile().ToArray());

        var blobs = new InMemoryBlobStore();
        FederationModel loaded = await FederationModel.LoadAsync("", Manifest, blobs, await blobs.PutAsync(file));
        Assert.Throws<InvalidOperationException>(() => loaded.Weights);
        Assert.Throws<InvalidOperationException>(() => loaded.ToFile());
    }

    [Fact]
    public async Task A_native_model_is_held()
    {
        var network = new Network(Architecture.Parse("softmax"), 3, 2);
        float[] weights = network.Initialize(3);
        byte[] file = ModelFile.Write(network.Manifest, weights);
        FederationModel model = await FederationModel.ReadAsync("softmax", network.Manifest, new Bytes(file));
        Assert.Equal(weights, model.Weights);
        Assert.Equal(file, model.ToFile().ToArray());
        await Assert.ThrowsAsync<FormatException>(() => FederationModel.ReadAsync("mlp:4", network.Manifest, new Bytes(file)));
    }

    public static TheoryData<string, Tensor, string> NotFinite => new()
    {
        { "w", Tensor.OfSingles("w", [3], [1, 2, float.NaN]), "element 2 of tensor 'w' is NaN." },
        { "d", Tensor.OfDoubles("d", [2], [1, double.NegativeInfinity]), "element 1 of tensor 'd' is -" },
        { "d", Tensor.OfDoubles("d", [2], [1e39, 1]), "element 0 of tensor 'd' is 1E+39, beyond the range of single precision" },
        { "h", new Tensor("h", TensorType.F16, [1], new byte[] { 0, 0x7c }), "element 0 of tensor 'h' is " },
        { "m", Tensor.OfDoubles("m", [1], [double.NaN]), "element 0 of tensor 'm' is NaN." },
    };

    [Theory]
    [MemberData(nameof(NotFinite))]
    public async Task A_number_that_is_not_finite_is_found_wherever_it_lies(string name, Tensor bad, string part)
    {
        byte[] good = ModelFile.Write(Manifest, [1, 2, 3, 0.5f, -7, 2], [Tensor.OfDoubles("m", [1], [1e300])]);
        byte[] file = SafetensorsWriter.Write(SafetensorsFile.Read(good).Tensors.Select(tensor => tensor.Name == name ? bad : tensor));
        FormatException refused = await Assert.ThrowsAsync<FormatException>(() => ReadAsync(file));
        Assert.StartsWith("A federation begins with finite numbers, but ", refused.Message);
        Assert.Contains(part, refused.Message);
        var blobs = new InMemoryBlobStore();
        Digest digest = await blobs.PutAsync(file);
        await Assert.ThrowsAsync<FormatException>(() => FederationModel.LoadAsync("", Manifest, blobs, digest));
    }

    [Fact]
    public async Task What_cannot_be_computed_with_is_refused_by_the_manifest_alone()
    {
        await RefusedAsync([new("b", TensorType.I64, [4], TensorRole.Buffer)], "A model has at least one weight");
        await RefusedAsync(
            [new("a", TensorType.F16, [1 << 16, 1 << 14], TensorRole.Weight), new("b", TensorType.F16, [1 << 16, 1 << 14], TensorRole.Weight)],
            "it has at most 2147483591 weights, but this manifest has 2147483648; federate a part of the model.");
        await RefusedAsync(
            [new("a", TensorType.F32, [1], TensorRole.Weight), new("b", TensorType.F32, [1 << 29], TensorRole.Buffer)],
            "it has at most 2147483591 bytes, but 'b' is F32 [536870912]; divide it, or let it be a weight.");
    }

    static async Task RefusedAsync(IEnumerable<TensorSpec> tensors, string part)
    {
        var manifest = new ModelManifest(tensors);
        Assert.Contains(part, (await Assert.ThrowsAsync<FormatException>(() => FederationModel.ReadAsync("", manifest, new Bytes([])))).Message);
    }

    static Task<FederationModel> ReadAsync(byte[] file) => FederationModel.ReadAsync("", Manifest, new Bytes(file));

    sealed class Bytes(byte[] bytes) : IBlobContent
    {
        public long Length => bytes.Length;

        public Stream OpenRead() => new MemoryStream(bytes);
    }
}
