using System.Collections.Immutable;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Methods;

namespace FedValue.Contracts.Hosting;

/// <summary>A federation whose model the server knows only by its manifest, of every type, with buffers, and without validation data.</summary>
public static class AnyModelFederation
{
    /// <summary>26 weights and three buffers, between each other.</summary>
    public static ModelManifest Manifest { get; } = new(
    [
        new("norm.batches", TensorType.I64, [], TensorRole.Buffer),
        new("block.weight", TensorType.F16, [3, 5], TensorRole.Weight),
        new("norm.running_mean", TensorType.F32, [4], TensorRole.Buffer),
        new("norm.weight", TensorType.BF16, [4], TensorRole.Weight),
        new("head.weight", TensorType.F64, [1, 5], TensorRole.Weight),
        new("norm.running_var", TensorType.F64, [1], TensorRole.Buffer),
        new("head.bias", TensorType.F32, [2], TensorRole.Weight),
    ]);

    /// <summary>The methods that are possible, in the order of a federation that names none, and what else is.</summary>
    public static IReadOnlyList<string> Methods { get; } =
        [.. MethodCatalog.WithoutValidation.Select(method => method.Info.Name), "logdet:lambda=0.01"];

    /// <summary>What it begins with.</summary>
    public static FederationCreation Creation(
        string aggregator = "fedadam", IReadOnlyList<string>? methods = null, double? normLimit = null, ModelManifest? manifest = null)
    {
        AggregatorTerms[] aggregators =
            [.. AggregationPool.Parse(aggregator).Members.Select(member => new AggregatorTerms(member.Spec, member.SmallCoalitions))];
        methods ??= Methods;
        var terms = new FederationTerms(
            "", aggregators, Utilities.None, methods, new SamplingTerms(32, 64, 0.1), GramLimit: 128,
            new PaymentTerms(1000, methods[0], "proportional", "unallocated"), Seed: 42,
            NormLimit: normLimit is { } limit ? new DoubleBits(limit) : null);
        manifest ??= Manifest;
        var model = FederationModel.Of(
            manifest, ModelFile.ReadWeights(manifest, File(manifest, seed: 1)), ModelFile.ReadBuffers(manifest, File(manifest, seed: 1)));
        return new FederationCreation("any", terms, model, Validation: null, []);
    }

    /// <summary>A made-up model: weights around 0, buffers that nobody else has.</summary>
    public static byte[] File(ModelManifest manifest, uint seed)
    {
        var random = new RandomStream(3, RandomPurpose.Training, seed);
        var weights = new float[manifest.WeightCount];
        foreach (ref float weight in weights.AsSpan())
            weight = (float)(0.3 * random.NextNormal());
        return ModelFile.Write(manifest, weights, [.. manifest.Buffers.Select(buffer => Buffer(buffer, seed))]);
    }

    /// <summary>A participant's made-up update of a round, always the same.</summary>
    public static UpdateSubmission Submission(string participant, int round, ModelManifest? manifest = null) => new(
        participant, round, 10, File(manifest ?? Manifest, (uint)(1000 * round + participant.Sum(c => c))));

    /// <summary>Creates the federation and lets everybody join.</summary>
    public static Task BeginAsync(IFederationHost host) => TinyFederation.BeginAsync(host, Creation());

    /// <summary>One whole round of a cohort.</summary>
    public static async Task<PaidRound> RoundAsync(IFederationHost host, int round, params IReadOnlyList<string> cohort)
    {
        cohort = cohort.Count == 0 ? TinyFederation.Participants : cohort;
        await host.OpenRoundAsync(cohort);
        foreach (string participant in cohort)
        {
            SubmissionReply reply = await host.SubmitAsync(Submission(participant, round));
            if (!reply.IsAccepted)
                throw new InvalidOperationException(reply.Problem);
        }
        return await host.CloseRoundAsync();
    }

    /// <summary>The buffers of a file as text.</summary>
    public static string Buffers(byte[] file)
    {
        ImmutableArray<Tensor> buffers = ModelFile.ReadBuffers(Manifest, file);
        return string.Join(' ', buffers.Select(buffer => $"{buffer.Name}={Convert.ToHexString(buffer.Bytes.Span)}"));
    }

    static Tensor Buffer(TensorSpec spec, uint seed)
    {
        var count = (int)spec.Shape.Aggregate(1L, (product, dimension) => product * dimension);
        return spec.Type switch
        {
            TensorType.I64 => Tensor.OfInt64s(spec.Name, spec.Shape, [.. Enumerable.Repeat((long)seed << 40, count)]),
            TensorType.F32 => Tensor.OfSingles(spec.Name, spec.Shape, [.. Enumerable.Repeat(1f / seed, count)]),
            _ => Tensor.OfDoubles(spec.Name, spec.Shape, [.. Enumerable.Repeat(1e300 / seed, count)]),
        };
    }
}
