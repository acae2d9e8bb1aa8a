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
    /// <summary>Understands the terms for a model and validation rows.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="model">The model.</param>
    /// <param name="validation">The server's validation rows; null: it has none, and only methods that need none are possible.</param>
    /// <exception cref="FormatException">The terms name something unknown, or what is not possible with this model and these rows.</exception>
    public FederationSetup(FederationTerms terms, FederationModel model, ValidationRows? validation)
    {
        if (TermsRules.Fault(terms) is { } impossible)
            throw new SettingException(impossible.Term, impossible.Sentence);
        if (terms.Architecture != (model.Network?.Architecture.Spec ?? ""))
        {
            throw new FormatException(
                $"The terms name the architecture '{terms.Architecture}', but the model's is '{model.Network?.Architecture.Spec}'.");
        }
        Terms = terms;
        Model = model;
        Validation = validation is null ? null : MeasuredOn(validation, model);
        Pool = new AggregationPool(terms.Aggregators.Select(aggregator => AggregationRules.Parse(aggregator.Name)));
        Methods = [.. terms.Methods.Select(Method)];
        Counterfactual = CounterfactualPool(terms);
        Utility = UtilityOf(terms.Utility, Validation is not null);
        RefuseWhatIsNotPossible();
        Sampling = new StoppingRule(terms.Sampling.MinimumPermutations, terms.Sampling.MaximumPermutations, terms.Sampling.Tolerance.Value)
        {
            Condition = terms.Sampling.Stop.Text is "" ? null : Condition(terms.Sampling),
        };
        if (Sampling.Problem() is { } problem)
            throw new FormatException(problem);
    }

    static ValidationSet MeasuredOn(ValidationRows validation, FederationModel model)
    {
        if (model.Network is not { } network)
        {
            throw new FormatException("Only native models are measured on validation rows, but of this one only the manifest is known; "
                + "leave the validation rows out, or name the architecture.");
        }
        try
        {
            return new ValidationSet(network, validation);
        }
        catch (ArgumentException unfit)
        {
            throw new FormatException(unfit.Message, unfit);
        }
    }

    static UtilityKind? UtilityOf(string name, bool isMeasured)
    {
        if (!isMeasured)
        {
            return name == Utilities.None ? null : throw new SettingException(
                "utility", $"Without validation rows the utility is '{Utilities.None}', but '{name}' came.");
        }
        return Utilities.Known.TryGetValue(name, out UtilityKind kind)
            ? kind
            : throw new SettingException("utility", $"A utility is one of {string.Join(", ", Utilities.Known.Keys)}, but '{name}' came.");
    }

    void RefuseWhatIsNotPossible()
    {
        MethodNeeds there = Validation is not null ? MethodNeeds.Validation
            : Model.Network is not null ? MethodNeeds.NativeModel : MethodNeeds.Updates;
        if (Methods.FirstOrDefault(method => method.Info.Needs > there) is { } method)
        {
            string lacks = method.Info.Needs == MethodNeeds.Validation ? "validation data" : "a model whose layers are known";
            throw new SettingException("methods", $"The method '{method.Info.Name}' needs {lacks}, which this federation does not have; possible are "
                + $"{string.Join(", ", MethodCatalog.All.Where(other => other.Info.Needs <= there).Select(other => other.Info.Name))}.");
        }
        if (Validation is null && Pool.Members.FirstOrDefault(rule => rule.NeedsValidation) is { } rule)
        {
            throw new SettingException(
                "aggregator", $"The aggregator '{rule.Spec}' needs validation data, which this federation does not have; choose another.");
        }
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
            throw new SettingException("counterfactual", needed
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

    /// <summary>What is trained, as it is before the first round.</summary>
    public FederationModel Model { get; }

    /// <summary>What the model's tensors are.</summary>
    public ModelManifest Manifest => Model.Manifest;

    /// <summary>d, the number of weights.</summary>
    public int WeightCount => (int)Model.Manifest.WeightCount;

    /// <summary>The server's validation rows; null where it has none.</summary>
    public ValidationSet? Validation { get; }

    /// <summary>The aggregation rules.</summary>
    public AggregationPool Pool { get; }

    /// <summary>The rules under which every round is valued again, without training with them; null where there are none.</summary>
    public AggregationPool? Counterfactual { get; }

    /// <summary>The valuation methods in their order.</summary>
    public IReadOnlyList<IRoundMethod> Methods { get; }

    /// <summary>What coalitions are measured by; null without validation rows.</summary>
    public UtilityKind? Utility { get; }

    /// <summary>When sampled methods stop.</summary>
    public StoppingRule Sampling { get; }

    /// <summary>Measures the mean cross-entropy of a model (d weights) on the server's validation rows, in nats; null without such rows.</summary>
    public Func<double>? LossOf(ReadOnlyMemory<float> model) =>
        Validation is { } validation ? () => Utilities.Losses(validation, validation.Score(model.AsArray()))[0] : null;

    /// <summary>Reads a federation back from its first entry.</summary>
    /// <exception cref="FormatException">A blob or a term is not what it should be.</exception>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public static async Task<FederationSetup> LoadAsync(FederationCreated created, IBlobStore blobs, CancellationToken cancellation = default)
    {
        ValidationRows? validation = created.Validation is { } rows ? ValidationRows.FromBlob(await blobs.GetAsync(rows, cancellation)) : null;
        ModelManifest manifest = ModelManifest.Parse(await blobs.GetAsync(created.Manifest, cancellation));
        FederationModel model = await FederationModel.LoadAsync(
            created.Terms.Architecture, manifest, blobs, created.Model, cancellation);
        return new FederationSetup(created.Terms, model, validation);
    }
}
