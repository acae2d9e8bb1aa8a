using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Models;

namespace FedValue.Contracts.Hosting;

/// <summary>A federation small enough for any test: softmax regression on 3 features and 2 classes, 40 made-up validation rows.</summary>
public static class TinyFederation
{
    /// <summary>Its network: 8 weights.</summary>
    public static Network Network { get; } = new(Architecture.Parse("softmax"), features: 3, classes: 2);

    /// <summary>Ids that are neither contiguous nor sorted as they join.</summary>
    public static IReadOnlyList<string> Participants { get; } = ["hospital-7", "b", "a", "hospital-10"];

    /// <summary>What it begins with.</summary>
    public static FederationCreation Creation(
        string aggregator = "fedavg", IReadOnlyList<string>? methods = null, string policy = "proportional", string ifNonePositive = "unallocated",
        string? counterfactual = null)
    {
        AggregationPool pool = AggregationPool.Parse(aggregator);
        methods ??= ["exact", "permutation", "cosine"];
        var terms = new FederationTerms(
            "softmax",
            TermsOf(pool),
            "validation-loss",
            methods,
            new SamplingTerms(32, 64, 0.1),
            GramLimit: 128,
            new PaymentTerms(1000, policy == "proportional" ? methods[0] : "", policy, ifNonePositive),
            Seed: 42,
            counterfactual is null ? default : new CounterfactualTerms(TermsOf(AggregationPool.Parse(counterfactual))));
        return new FederationCreation(
            "tiny", terms, FederationModel.Native(Network, Network.Initialize(42)), new ValidationRows(Validation()), []);
    }

    static AggregatorTerms[] TermsOf(AggregationPool pool) =>
        [.. pool.Members.Select(member => new AggregatorTerms(member.Spec, member.SmallCoalitions))];

    /// <summary>Rows whose class is the sign of the first feature.</summary>
    public static LabelledRows Validation()
    {
        const int rows = 40, width = 3;
        var random = new RandomStream(7, RandomPurpose.Split);
        var features = new float[rows * width];
        var labels = new int[rows];
        for (int i = 0; i < features.Length; i++)
            features[i] = (float)random.NextNormal();
        for (int r = 0; r < rows; r++)
            labels[r] = features[r * width] > 0 ? 1 : 0;
        return new LabelledRows(width, features, labels);
    }

    /// <summary>A participant's made-up update of a round, always the same.</summary>
    public static UpdateSubmission Submission(string participant, int round, long examples = 10, int variant = 0)
    {
        var random = new RandomStream(variant, RandomPurpose.Training, (uint)round, (uint)participant.Sum(c => c));
        float[] weights = Network.Initialize(42);
        foreach (ref float weight in weights.AsSpan())
            weight += (float)(0.3 * random.NextNormal());
        return new UpdateSubmission(participant, round, examples, ModelFile.Write(Network.Manifest, weights));
    }

    /// <summary>Creates the federation and lets everybody join with 100 declared examples.</summary>
    public static async Task BeginAsync(IFederationHost host, FederationCreation? creation = null)
    {
        await host.CreateAsync(creation ?? Creation());
        foreach (string participant in Participants)
            await host.EnrolAsync(participant, 100);
    }

    /// <summary>One whole round of everybody, or of some, submitting in the given order.</summary>
    public static async Task<PaidRound> RoundAsync(IFederationHost host, int round, params IReadOnlyList<string> cohort)
    {
        if (cohort.Count == 0)
            cohort = Participants;
        await host.OpenRoundAsync(cohort);
        foreach (string participant in cohort)
            await host.SubmitAsync(Submission(participant, round));
        return await host.CloseRoundAsync();
    }
}
