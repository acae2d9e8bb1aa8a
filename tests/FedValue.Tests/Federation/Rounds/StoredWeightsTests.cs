using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Learning;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>The weights of stored models, mapped where that is possible and read where it is not: the same bits.</summary>
public sealed class StoredWeightsTests : IDisposable
{
    static readonly TensorSpec A = new("a", TensorType.F32, [3, 5], TensorRole.Weight), B = new("b", TensorType.F32, [7], TensorRole.Weight);
    static readonly TensorSpec Count = new("count", TensorType.I64, [], TensorRole.Buffer);
    static readonly TensorSpec Odd = new("odd", TensorType.F16, [1], TensorRole.Buffer);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, bool> Layouts => new()
    {
        { "a b", true },
        { "a b count", true },
        { "count a b", true },
        { "a count b", false }, // a buffer between them
        { "b a", false }, // not the manifest's order
        { "odd a b", false }, // no multiple of 4 bytes
        { "a f16", false },
        { "a bf16", false },
        { "f64 a", false },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Weights_are_mapped_where_they_lie_as_they_are_computed_with_and_have_the_same_bits_where_not(string layout, bool asItLies)
    {
        TensorSpec[] specs = [.. layout.Split(' ').Select(SpecOf)];
        var manifest = new ModelManifest(specs.OrderBy(spec => spec.Name, StringComparer.Ordinal));
        byte[] file = SafetensorsWriter.Write(specs.Select(TensorOf));
        float[] expected = ModelFile.ReadWeights(manifest, file);
        IBlobStore directory = new DirectoryBlobStore(_folder.Path), memory = new InMemoryBlobStore();
        foreach (IBlobStore blobs in new[] { directory, memory })
        {
            Digest digest = await blobs.PutAsync(file);
            using (StoredWeights weights = await OpenAsync(blobs, manifest, digest))
            {
                Assert.Equal(blobs == directory, weights.IsMapped);
                Assert.True(Maps.Of(_folder.Path) is null || Maps.Of(_folder.Path, ".tmp") == (weights.IsMapped && !asItLies ? 1 : 0));
                Assert.Equal(Bits.Of(expected), Bits.Of(weights.Values.Span));
                Assert.Equal(
                    ModelFile.ReadBuffers(manifest, file).Select(buffer => (buffer.Name, Convert.ToHexString(buffer.Bytes.Span))),
                    weights.Buffers.Select(buffer => (buffer.Name, Convert.ToHexString(buffer.Bytes.Span))));
            }
            Assert.True(Maps.Of(_folder.Path) is null or 0);
            Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)); // nothing beside the blob
            using StoredWeights small = await StoredWeights.OpenAsync(blobs, manifest, digest, buffers: false, CancellationToken.None);
            Assert.False(small.IsMapped); // not worth it
            Assert.Empty(small.Buffers);
            Assert.Equal(Bits.Of(expected), Bits.Of(small.Values.Span));
        }
    }

    [Fact]
    public async Task Who_may_only_read_writes_nothing_into_the_folder()
    {
        var manifest = new ModelManifest([A, B]);
        byte[] file = SafetensorsWriter.Write([TensorOf(B), TensorOf(A)]); // not the manifest's order
        Digest digest = await new DirectoryBlobStore(_folder.Path).PutAsync(file);
        using StoredWeights weights = await OpenAsync(DirectoryBlobStore.OpenForReading(_folder.Path), manifest, digest);
        Assert.True(weights.IsMapped);
        Assert.True(Maps.Of(_folder.Path) is null or 0);
        Assert.Equal(Bits.Of(ModelFile.ReadWeights(manifest, file)), Bits.Of(weights.Values.Span));
    }

    [Fact]
    public async Task A_damaged_or_missing_blob_is_called_that_and_nothing_stays_mapped()
    {
        var manifest = new ModelManifest([A, B, Count]);
        var blobs = new DirectoryBlobStore(_folder.Path);
        byte[] file = SafetensorsWriter.Write(manifest.Tensors.Select(TensorOf));
        Digest digest = await blobs.PutAsync(file);
        string path = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Single();
        int[] places = [0, 3, 9, 40, file.Length - 60, file.Length - 1]; // length, header, a weight, the buffer
        foreach (int place in places)
        {
            byte[] damaged = [.. file];
            damaged[place] ^= 1;
            await File.WriteAllBytesAsync(path, damaged);
            Assert.Equal(digest, (await Assert.ThrowsAsync<BlobDamagedException>(() => OpenAsync(blobs, manifest, digest))).Digest);
        }
        foreach (int length in new[] { 0, 7, 30, file.Length - 1 })
        {
            await File.WriteAllBytesAsync(path, file[..length]);
            await Assert.ThrowsAsync<BlobDamagedException>(() => OpenAsync(blobs, manifest, digest));
        }
        File.Delete(path);
        await Assert.ThrowsAsync<BlobMissingException>(() => OpenAsync(blobs, manifest, digest));
        Assert.True(Maps.Of(_folder.Path) is null or 0);
    }

    [Fact]
    public async Task A_whole_file_of_another_model_is_refused_as_that()
    {
        var blobs = new DirectoryBlobStore(_folder.Path);
        Digest digest = await blobs.PutAsync(SafetensorsWriter.Write([TensorOf(A), TensorOf(Count)]));
        Assert.Equal("b", (await Assert.ThrowsAsync<ModelMismatchException>(() => OpenAsync(blobs, new ModelManifest([A, B]), digest))).Tensor);
        Digest junk = await blobs.PutAsync("no model"u8.ToArray());
        await Assert.ThrowsAsync<SafetensorsException>(() => OpenAsync(blobs, new ModelManifest([A, B]), junk));
    }

    static Task<StoredWeights> OpenAsync(IBlobStore blobs, ModelManifest manifest, Digest digest) =>
        StoredWeights.OpenAsync(blobs, manifest, digest, buffers: true, CancellationToken.None, mappedFrom: 0);

    /// <summary>Bytes that are finite numbers of every type.</summary>
    static Tensor TensorOf(TensorSpec spec) => new(
        spec.Name, spec.Type, spec.Shape, Enumerable.Range(0, (int)spec.Length).Select(i => (byte)(spec.Name[0] * 31 + i * 7 & 0x3b)).ToArray());

    static TensorSpec SpecOf(string name) => name switch
    {
        "a" => A,
        "b" => B,
        "count" => Count,
        "odd" => Odd,
        "f16" => new TensorSpec(name, TensorType.F16, [3], TensorRole.Weight),
        "bf16" => new TensorSpec(name, TensorType.BF16, [3], TensorRole.Weight),
        _ => new TensorSpec(name, TensorType.F64, [3], TensorRole.Weight),
    };
}
