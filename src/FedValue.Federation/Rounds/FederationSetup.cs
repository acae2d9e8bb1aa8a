using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Federation.Rounds;

/// <summary>A federation's terms, understood: what its ledger's first entry and blobs mean to this program.</summary>
public sealed class FederationSetup
{
    /// <summary>Understands the terms for a network and its validation rows.</summary>
    /// <exception cref="FormatException">The terms name something unknown.</exception>
    public FederationSetup(FederationTerms terms, Network network, ValidationRows validation, float[] initialModel)
    {
        if (TermsRules.Problem(terms) is { } impossible)
            throw new FormatException(impossible);
        Terms = terms;
        Network = network;
        Validation = new ValidationSet(network, validation);
        InitialModel = initialModel;
        Pool = new AggregationPool(terms.Aggregators.Select(aggregator => AggregationRules.Parse(aggregator.Name)));
        Methods = [.. terms.Methods.Select(Method)];
        Counterfactual = CounterfactualPool(terms);
        Utility = Utilities.Known.TryGetValue(terms.Utility, out UtilityKind kind)
            ? kind
            : throw new FormatException($"A utility is one of {string.Join(", ", Utilities.Known.Keys)}, but '{terms.Utility}' came.");
        Sampling = new StoppingRule(terms.Sampling.MinimumPermutations, terms.Sampling.MaximumPermutations, terms.Sampling.Tolerance.Value)
        {
            Condition = terms.Sampling.Stop.Text is "" ? null : Condition(terms.Sampling),
        };
        if (Sampling.Problem() is { } problem)
            throw new FormatException(problem);
    }

    static StopCondition Condition(SamplingTerms terms)
    {
        var condition = StopCondition.Parse(terms.Stop.Text);
        return condition.Text == terms.Stop.Text && terms.Tolerance == 0 ? condition : throw new FormatException(
            $"The terms name a stop condition in its one spelling, '{condition.Text}', in the place of a tolerance, which is 0 then, " +
            $"but '{terms.Stop.Text}' and {terms.Tolerance.Value} came.");
    }

    static IRoundMethod Method(string spec)
    {
        IRoundMethod method = MethodCatalog.Get(spec);
        return method.Info.Name == spec ? method
            : throw new FormatException($"The terms name a method in its one spelling, '{method.Info.Name}', but '{spec}' came.");
    }

    static AggregationPool? CounterfactualPool(FederationTerms terms)
    {
        IReadOnlyList<AggregatorTerms> members = terms.Counterfactual.Members;
        bool needed = terms.Methods.Any(method => method.Split(':')[0] == MethodCatalog.FedRandomMeanName);
        if (needed != members.Count > 0)
        {
            throw new FormatException(needed
                ? $"The method '{MethodCatalog.FedRandomMeanName}' values rounds under a pool of counterfactual aggregators, but there is none; "
                    + "name it with --counterfactual."
                : $"Counterfactual aggregators are read by the method '{MethodCatalog.FedRandomMeanName}', but the terms do not name it.");
        }
        if (members.Count == 0)
            return null;
        var pool = new AggregationPool(members.Select(member => AggregationRules.Parse(member.Name)));
        foreach ((AggregationRule rule, AggregatorTerms member) in pool.Members.Zip(members))
        {
            if (rule.Spec != member.Name)
                throw new FormatException($"The terms name an aggregator in its one spelling, '{rule.Spec}', but '{member.Name}' came.");
        }
        return pool;
    }

    /// <summary>The terms as they stand on the ledger.</summary>
    public FederationTerms Terms { get; }

    /// <summary>The model's layers.</summary>
    public Network Network { get; }

    /// <summary>The server's validation rows.</summary>
    public ValidationSet Validation { get; }

    /// <summary>The model before the first round, d weights.</summary>
    public float[] InitialModel { get; }

    /// <summary>The aggregation rules.</summary>
    public AggregationPool Pool { get; }

    /// <summary>The rules under which every round is valued again, without training with them; null where there are none.</summary>
    public AggregationPool? Counterfactual { get; }

    /// <summary>The valuation methods in their order.</summary>
    public IReadOnlyList<IRoundMethod> Methods { get; }

    /// <summary>What coalitions are measured by.</summary>
    public UtilityKind Utility { get; }

    /// <summary>When sampled methods stop.</summary>
    public StoppingRule Sampling { get; }

    /// <summary>Mean cross-entropy of a model (d weights) on the server's validation rows, in nats.</summary>
    public double ValidationLoss(float[] model) => Utilities.Losses(Validation, Validation.Score(model))[0];

    /// <summary>Reads a federation back from its first entry.</summary>
    /// <exception cref="FormatException">A blob or a term is not what it should be.</exception>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public static async Task<FederationSetup> LoadAsync(FederationCreated created, IBlobStore blobs, CancellationToken cancellation = default)
    {
        ValidationRows validation = ValidationRows.FromBlob(await blobs.GetAsync(created.Validation, cancellation));
        ModelManifest manifest = ModelManifest.Parse(await blobs.GetAsync(created.Manifest, cancellation));
        Architecture architecture = Architecture.Parse(created.Terms.Architecture);
        int classes = (int)manifest.Tensors[^1].Shape[0]; // the last tensor is the bias of the logits
        var network = new Network(architecture, validation.Rows.Width, classes);
        if (!network.Manifest.ToJson().AsSpan().SequenceEqual(manifest.ToJson()))
        {
            throw new FormatException(
                $"The manifest is not that of model '{architecture.Spec}' with {validation.Rows.Width} features and {classes} classes.");
        }
        float[] model = ModelFile.ReadWeights(manifest, await blobs.GetAsync(created.Model, cancellation));
        return new FederationSetup(created.Terms, network, validation, model);
    }
}
