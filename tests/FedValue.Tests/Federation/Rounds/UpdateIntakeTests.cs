using System.Text;
using System.Text.Json;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Protocol;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>The bytes of an update on their way into the store: cut anywhere, too few, too many, or not what they should be.</summary>
public sealed class UpdateIntakeTests : IDisposable
{
    const string Cases = "ledger/safetensors-cases.json";
    readonly TemporaryFolder _folder = new();

    static readonly FederationSetup Setup = SetupOf(AnyModelFederation.Creation());
    static readonly byte[] Good = AnyModelFederation.Submission("a", 1).Update.ToArray();

    public void Dispose() => _folder.Dispose();

    static NormBound? BoundOf(FederationSetup setup) =>
        setup.Terms.NormLimit is { Value: var limit } ? new NormBound(setup.Model.Weights, limit) : null;

    static FederationSetup SetupOf(FederationCreation creation) => new(creation.Terms, creation.Model, creation.Validation);

    Task<UpdateFault?> StoreAsync(byte[] file, FederationSetup? setup = null) => StoreAsync(file, new MemoryStream(file), setup);

    Task<UpdateFault?> StoreAsync(byte[] claimed, Stream body, FederationSetup? setup = null) => UpdateIntake.StoreAsync(
        setup ?? Setup, BoundOf(setup ?? Setup), new UpdateClaim("a", 1, Digest.Of(claimed), claimed.Length, 10), body,
        new DirectoryBlobStore(_folder.Path));

    [Fact]
    public async Task A_good_update_is_stored_wherever_its_bytes_are_cut()
    {
        foreach (int piece in new[] { 1, 2, 3, 5, 7, 8, 13, 64, 100, 4096 })
        {
            Assert.Null(await StoreAsync(Good, new Pieces(Good, piece)));
            Assert.Equal(Good, Assert.Single(_folder.Files()).Value);
            File.Delete(_folder.Files().Keys.Single());
        }
        for (int cut = 0; cut <= Good.Length; cut++)
            Assert.Null(Inspect(Good, cut));
    }

    [Fact]
    public async Task A_bad_update_gets_the_same_fault_wherever_its_bytes_are_cut()
    {
        byte[] bad = [.. Good];
        bad.AsSpan(bad.Length - 2).Fill(0xff);
        UpdateFault? expected = await StoreAsync(bad);
        Assert.Equal("not-finite", expected?.Reason);
        for (int cut = 0; cut <= bad.Length; cut++)
            Assert.Equal(expected, Inspect(bad, cut));
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Every_byte_of_a_good_update_is_of_it()
    {
        // No change of one byte makes the intake throw anything or store anything but what was sent.
        for (int i = 0; i < Good.Length; i++)
        {
            foreach (byte other in new byte[] { 0, 0xff, (byte)(Good[i] ^ 1), (byte)'"' })
            {
                byte[] changed = [.. Good];
                changed[i] = other;
                Inspect(changed, i);
            }
        }
    }

    [Fact]
    public async Task A_body_that_ends_early_is_no_update_and_leaves_nothing()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            var early = await Assert.ThrowsAsync<UpdateLengthException>(() => StoreAsync(Good, new MemoryStream(Good[..length])));
            Assert.Equal($"The update was announced with {Good.Length} bytes, but ended after {length}; send it again.", early.Message);
            Assert.Equal(new UpdateBlame(UpdatePart.Length, $"{Good.Length} bytes", $"{length}"), early.Blame);
        }
        Assert.Empty(_folder.Files());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task A_body_with_more_bytes_than_announced_is_no_update_and_leaves_nothing(int more)
    {
        var late = await Assert.ThrowsAsync<UpdateLengthException>(() => StoreAsync(Good, new Pieces([.. Good, .. new byte[more]], 100)));
        Assert.Equal($"The update was announced with {Good.Length} bytes, but more came; announce all of them and send it again.", late.Message);
        Assert.Equal(new UpdateBlame(UpdatePart.Length, $"{Good.Length} bytes", "more"), late.Blame);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Other_bytes_than_announced_are_no_update_even_when_they_are_a_good_one()
    {
        byte[] other = AnyModelFederation.Submission("b", 1).Update.ToArray(), bad = [.. Good];
        bad.AsSpan(bad.Length - 2).Fill(0xff);
        Assert.Equal(Good.Length, other.Length);
        var wrong = await Assert.ThrowsAsync<UpdateDigestException>(() => StoreAsync(Good, new MemoryStream(other)));
        Assert.Contains($"{Digest.Of(Good)}, but the bytes that came have {Digest.Of(other)}", wrong.Message);
        Assert.Equal(new UpdateBlame(UpdatePart.Digest, Digest.Of(Good).ToString(), Digest.Of(other).ToString()), wrong.Blame);
        await Assert.ThrowsAsync<UpdateDigestException>(() => StoreAsync(Good, new MemoryStream(bad)));
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task A_body_that_fails_or_is_cancelled_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => StoreAsync(Good, new Pieces(Good, 100, failsAt: 300)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => UpdateIntake.StoreAsync(
            Setup, BoundOf(Setup), new UpdateClaim("a", 1, Digest.Of(Good), Good.Length, 10), new MemoryStream(Good),
            new DirectoryBlobStore(_folder.Path), new CancellationToken(canceled: true)));
        Assert.Empty(_folder.Files());
    }

    [Theory]
    [InlineData(0, "malformed", "at least 8 bytes, but 0 came")]
    [InlineData(7, "malformed", "at least 8 bytes, but 7 came")]
    [InlineData(8, "malformed", "but only 0 follow")]
    [InlineData(200, "malformed", "but only 192 follow")]
    [InlineData(-1, "malformed", "send the whole file and nothing after it")]
    public async Task A_file_that_is_cut_is_malformed_though_announced_as_it_is(int length, string reason, string said)
    {
        UpdateFault? fault = await StoreAsync(length < 0 ? Good[..^-length] : Good[..length]);
        Assert.Equal(reason, fault?.Reason);
        Assert.Contains(said, fault?.Detail);
        Assert.Equal("malformed", (await StoreAsync([.. Good, 0]))?.Reason);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Nothing_is_broadcast_left_out_or_added()
    {
        FederationSetup setup = SetupOf(TinyFederation.Creation());
        Tensor weight = Tensor.OfSingles("layer1.weight", [2, 3], new float[6]), bias = Tensor.OfSingles("layer1.bias", [2], new float[2]);
        (string Expected, Tensor[] Tensors)[] wrong =
        [
            ("'layer1.bias' that is F32 [2], but F32 [1] came", [weight, Tensor.OfSingles("layer1.bias", [1], [1])]),
            ("'layer1.bias' that is F32 [2], but F32 [1,2] came", [weight, Tensor.OfSingles("layer1.bias", [1, 2], [1, 1])]),
            ("'layer1.bias' that is F32 [2], but no tensor came", [weight]),
            ("'more' that is no tensor, but I64 [] came", [weight, bias, Tensor.OfInt64s("more", [], [1])]),
            ("'layer1.weight' that is F32 [2,3], but F64 [2,3] came", [Tensor.OfDoubles("layer1.weight", [2, 3], new double[6]), bias]),
        ];
        foreach ((string expected, Tensor[] tensors) in wrong)
        {
            UpdateFault? fault = await StoreAsync(SafetensorsWriter.Write(tensors), setup);
            Assert.Equal("mismatch", fault?.Reason);
            Assert.Contains(expected, fault!.Detail);
        }
        Assert.Empty(_folder.Files());
        Assert.Null(await StoreAsync(SafetensorsWriter.Write([bias, weight], new Dictionary<string, string> { ["format"] = "pt" }), setup));
    }

    [Fact]
    public async Task A_key_that_comes_twice_is_malformed()
    {
        string text = Encoding.Latin1.GetString(Good);
        byte[] twice = Encoding.Latin1.GetBytes(text.Replace("norm.running_mean", "norm.weight\",\"x\":\"", StringComparison.Ordinal));
        Assert.Equal("malformed", (await StoreAsync(twice))?.Reason);
        byte[] tensors = RawFile.OfMembers(8, RawFile.F32("a", 0, 4), RawFile.F32("a", 4, 8));
        UpdateFault? fault = await StoreAsync(tensors);
        Assert.Equal("malformed", fault?.Reason);
        Assert.Contains("comes twice", fault!.Detail);
    }

    [FactWithSharedVectors(Cases)]
    public async Task Every_public_case_gets_the_fault_of_its_outcome()
    {
        int malformed = 0;
        foreach (JsonElement entry in SharedVectors.Read(Cases).GetProperty("cases").EnumerateArray())
        {
            byte[] file = entry.GetProperty("bytes_b64").GetBytesFromBase64();
            string? refusal = Record.Exception(() => SafetensorsHeader.Parse(file))?.Message;
            UpdateFault? fault = await StoreAsync(file);
            Assert.Equal(refusal is null ? "mismatch" : "malformed", fault?.Reason); // well-formed ones are of other models
            if (refusal is not null)
                Assert.Equal(refusal, fault!.Detail);
            malformed += refusal is null ? 0 : 1;
        }
        Assert.InRange(malformed, 15, 25);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task The_norm_is_that_of_all_tensors_in_whatever_order_they_come()
    {
        ModelManifest manifest = AnyModelFederation.Manifest;
        var rows = new UpdateRows(Setup.Model.Weights, [ModelFile.ReadWeights(manifest, Good)]);
        double norm = Math.Sqrt(new CpuBackend(1).Read(rows, new() { SquaredNorms = true }).SquaredNorms[0]);
        byte[] reversed = SafetensorsWriter.Write(SafetensorsFile.Read(Good).Tensors.Reverse());
        string? said = null;
        foreach (byte[] file in new[] { Good, reversed })
        {
            Assert.Null(await StoreAsync(file, SetupOf(AnyModelFederation.Creation(normLimit: norm * (1 + 1e-9)))));
            UpdateFault? fault = await StoreAsync(file, SetupOf(AnyModelFederation.Creation(normLimit: norm * (1 - 1e-9))));
            Assert.Equal("norm", fault?.Reason);
            Assert.Equal(said ??= fault!.Detail, fault!.Detail);
        }
    }

    [Fact]
    public async Task Denormal_weights_are_weights()
    {
        var tiny = new float[Setup.WeightCount];
        Array.Fill(tiny, 1e-7f); // denormal as F16
        Array.Fill(tiny, 1e-39f, 15, tiny.Length - 15); // denormal as BF16 and F32
        byte[] file = ModelFile.Write(Setup.Manifest, tiny, Setup.Model.Buffers);
        Assert.All(ModelFile.ReadWeights(Setup.Manifest, file), weight => Assert.NotEqual(0, weight));
        Assert.Null(await StoreAsync(file));
    }

    [Fact]
    public async Task A_double_that_no_single_can_hold_is_refused_as_a_weight()
    {
        SafetensorsFile good = SafetensorsFile.Read(Good);
        byte[] file = SafetensorsWriter.Write(good.Tensors.Select(tensor =>
            tensor.Name == "head.weight" ? Tensor.OfDoubles(tensor.Name, [1, 5], [1, 2, -1e300, 4, 5]) : tensor));
        UpdateFault? fault = await StoreAsync(file);
        Assert.Equal(
            new UpdateFault("not-finite", "Expected finite numbers, but element 2 of tensor 'head.weight' is -1E+300, beyond the range of single "
                + "precision that weights are computed in.", new UpdateBlame(UpdatePart.Tensor, "finite numbers", "-1E+300", "head.weight")), fault);
    }

    [Fact]
    public async Task A_large_update_passes_with_every_number_looked_at()
    {
        var manifest = new ModelManifest(
            [new("small", TensorType.F32, [3], TensorRole.Weight), new("large", TensorType.F32, [700, 1000], TensorRole.Weight)]);
        FederationSetup setup = SetupOf(AnyModelFederation.Creation(manifest: manifest));
        byte[] file = AnyModelFederation.File(manifest, 7);
        Assert.Null(await StoreAsync(file, setup));
        file.AsSpan(file.Length - 2).Fill(0xff);
        Assert.Equal("Expected finite numbers, but element 699999 of tensor 'large' is NaN.", (await StoreAsync(file, setup))?.Detail);
    }

    /// <summary>The fault of a file whose bytes come in two pieces, without a store: the same whether norms are measured or not.</summary>
    static UpdateFault? Inspect(byte[] file, int cut)
    {
        UpdateFault? fault = Of(null);
        Assert.Equal(fault, Of(new NormBound(Setup.Model.Weights, double.MaxValue)));
        return fault;

        UpdateFault? Of(NormBound? bound)
        {
            var inspection = new UpdateInspection(Setup.Manifest, bound, file.Length);
            inspection.Append(file.AsSpan(0, cut));
            inspection.Append(file.AsSpan(cut));
            return inspection.Complete();
        }
    }

    /// <summary>A body in pieces of one length, that may fail.</summary>
    sealed class Pieces(byte[] content, int length, int? failsAt = null) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Position >= failsAt
            ? throw new IOException("The connection broke off.")
            : base.ReadAsync(buffer[..Math.Min(length, buffer.Length)], cancellationToken);
    }
}
