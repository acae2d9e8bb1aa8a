using System.Collections.Immutable;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

/// <summary>Files that are written and read piece by piece, cut at every place that a file of several GB would be cut at.</summary>
public sealed class PiecewiseFileTests
{
    static readonly ModelManifest Manifest = new(
    [
        new("half", TensorType.F16, [7], TensorRole.Weight), new("mean", TensorType.F64, [3], TensorRole.Buffer),
        new("double", TensorType.F64, [1, 5], TensorRole.Weight), new("count", TensorType.I64, [], TensorRole.Buffer),
        new("none", TensorType.F32, [0, 4], TensorRole.Weight), new("brain", TensorType.BF16, [3], TensorRole.Weight),
        new("single", TensorType.F32, [9], TensorRole.Weight),
    ]);

    static readonly float[] Weights = [.. Enumerable.Range(0, 24).Select(i => (i - 11) * 0.37f)];

    static readonly ImmutableArray<Tensor> Buffers =
        [Tensor.OfDoubles("mean", [3], [0.1, -2e300, double.Epsilon]), Tensor.OfInt64s("count", [], [long.MinValue + 5])];

    static readonly byte[] File = ModelFile.Write(Manifest, Weights, Buffers);

    /// <summary>The tensors of the file in another order, with metadata; numbers of F64 weights that fp32 cannot hold.</summary>
    static byte[] Shuffled()
    {
        Tensor[] tensors = [.. SafetensorsFile.Read(File).Tensors.Select(tensor =>
            tensor.Name == "double" ? Tensor.OfDoubles("double", [1, 5], [0.1, -1e-50, 1e38, Math.PI, 7]) : tensor)];
        return SafetensorsWriter.Write(
            [tensors[6], tensors[3], tensors[0], tensors[5], tensors[2], tensors[4], tensors[1]],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(16, 7)]
    [InlineData(24, 100)]
    [InlineData(1 << 17, 13)]
    public void Wherever_a_file_is_cut_its_bytes_and_digest_are_the_same(int piece, int buffer)
    {
        Tensor[] tensors = [.. SafetensorsFile.Read(File).Tensors];
        byte[] expected = [.. SafetensorsWriter.Start(tensors), .. tensors.SelectMany(tensor => tensor.Bytes.ToArray())];
        var content = new SafetensorsContent([.. tensors.Select(TensorSource.Of)], piece: piece);
        Assert.Equal(expected.Length, content.Length);
        for (int time = 0; time < 2; time++)
        {
            var read = new List<byte>();
            using Stream stream = content.OpenRead();
            var some = new byte[buffer];
            while (stream.Read(some) is > 0 and var count)
                read.AddRange(some[..count]);
            Assert.Equal(expected, read);
            Assert.Equal(expected.Length, stream.Position);
        }
        Assert.Equal(Digest.Of(expected), content.Digest());
        Assert.Equal(expected, content.ToArray());
        Assert.Equal(expected, File);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(12)]
    public void A_piece_that_would_cut_numbers_is_refused(int piece) =>
        Assert.Throws<ArgumentException>(() => new SafetensorsContent([], piece: piece));

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(40)]
    [InlineData(1 << 18)]
    public async Task Pieces_of_a_file_are_whole_numbers_of_its_tensors_in_order(int piece)
    {
        byte[] file = Shuffled();
        SafetensorsReading reading = await SafetensorsReading.BeginAsync(new MemoryStream(file), CancellationToken.None);
        var came = new Dictionary<string, List<byte>>();
        var all = new ModelTensors(Manifest, weights: true, buffers: true);
        Digest digest = await reading.ReadAsync(
            (tensor, at, bytes) =>
            {
                if (at == 0)
                    came.Add(tensor.Name, []);
                Assert.Equal(at, came[tensor.Name].Count);
                Assert.Equal(0, bytes.Length % tensor.Type.Width());
                Assert.InRange(bytes.Length, 0, piece);
                came[tensor.Name].AddRange(bytes);
                all.Take(tensor, at, bytes);
            }, CancellationToken.None, piece);
        Assert.Equal(Digest.Of(file), digest);
        Assert.All(SafetensorsFile.Read(file).Tensors, tensor => Assert.Equal(tensor.Bytes.ToArray(), came[tensor.Name]));
        Assert.Equal(ModelFile.ReadWeights(Manifest, file), all.Weights);
        Assert.Equal(ModelFile.ReadBuffers(Manifest, file).Select(Shown), all.Buffers.Select(Shown));
    }

    [Fact]
    public async Task A_file_that_ends_early_is_not_read_to_an_end()
    {
        foreach (int length in new[] { 0, 5, 8, 60, File.Length - 1 })
        {
            var cut = new Claimed(File[..length], File.Length);
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                SafetensorsReading reading = await SafetensorsReading.BeginAsync(cut, CancellationToken.None);
                await reading.ReadAsync((_, _, _) => { }, CancellationToken.None);
            });
        }
    }

    [Fact]
    public async Task A_model_in_another_file_is_written_as_if_it_had_been_read()
    {
        byte[] file = Shuffled();
        byte[] expected = ModelFile.Write(Manifest, ModelFile.ReadWeights(Manifest, file), ModelFile.ReadBuffers(Manifest, file));
        SafetensorsReading reading = await SafetensorsReading.BeginAsync(new MemoryStream(file), CancellationToken.None);
        var source = new Bytes(file);
        var rewritten = new RewrittenModel(Manifest, reading.Header, source);
        Assert.Equal(expected.Length, rewritten.Length);
        Assert.Equal(expected, rewritten.ToArray());
        Assert.Equal(Digest.Of(expected), rewritten.Digest());
        Assert.Equal((2, 2), (source.Opened, source.Closed));
        Assert.NotEqual(file, expected);
    }

    [Fact]
    public void Rounded_weights_are_those_that_the_file_holds()
    {
        float[] weights = [.. Weights];
        ModelFile.Round(Manifest, weights);
        Assert.Equal(ModelFile.ReadWeights(Manifest, File), weights);
        Assert.NotEqual(Weights, weights);
        Assert.Throws<ArgumentException>(() => ModelFile.Round(Manifest, weights.AsSpan(1)));
    }

    [Fact]
    public void What_is_longer_than_an_array_is_not_put_into_one() => Assert.Throws<ArgumentException>(
        () => new SafetensorsContent([new Nothing("a", [1L << 28]), new Nothing("b", [1L << 28])]).ToArray());

    static string Shown(Tensor tensor) => $"{tensor.Name} {tensor.Form} {Convert.ToHexString(tensor.Bytes.Span)}";

    sealed class Nothing(string name, ImmutableArray<long> shape) : TensorSource(name, TensorType.F32, shape)
    {
        public override void Read(long at, Span<byte> destination) => throw new InvalidOperationException("Nobody should read this.");
    }

    /// <summary>A file that says that it is longer than it is.</summary>
    sealed class Claimed(byte[] there, long length) : MemoryStream(there)
    {
        public override long Length => length;
    }

    /// <summary>A content that counts who reads it.</summary>
    sealed class Bytes(byte[] bytes) : IBlobContent
    {
        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public long Length => bytes.Length;

        public Stream OpenRead()
        {
            Opened++;
            return new Counted(bytes, () => Closed++);
        }

        sealed class Counted(byte[] bytes, Action closed) : MemoryStream(bytes)
        {
            protected override void Dispose(bool disposing)
            {
                closed();
                base.Dispose(disposing);
            }
        }
    }
}
