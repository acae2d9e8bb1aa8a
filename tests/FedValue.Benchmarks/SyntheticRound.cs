using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Valuation.Methods;

namespace FedValue.Benchmarks;

/// <summary>A made-up round of n updates of about d weights: softmax regression on 10 classes, 200 validation rows, FedAvg.</summary>
sealed class SyntheticRound
{
    const int Classes = 10;
    const int ValidationRows = 200;

    readonly Network _network;
    readonly LabelledRows _validation;
    readonly float[] _model;
    readonly float[][] _locals;

    public SyntheticRound(int updates, int weights)
    {
        _network = new Network(Architecture.Parse("softmax"), weights / Classes - 1, Classes);
        var random = new RandomStream(1, RandomPurpose.Split);
        var features = new float[ValidationRows * _network.Features];
        for (int i = 0; i < features.Length; i++)
            features[i] = (float)(2 * random.NextDouble() - 1);
        int[] labels = [.. Enumerable.Range(0, ValidationRows).Select(_ => random.NextInteger(Classes))];
        _validation = new LabelledRows(_network.Features, features, labels);
        _model = _network.Initialize(1);
        _locals = new float[updates][];
        for (int k = 0; k < updates; k++)
        {
            _locals[k] = [.. _model];
            foreach (ref float weight in _locals[k].AsSpan())
                weight += (float)(0.01 * (random.NextDouble() - 0.5));
        }
    }

    /// <summary>Takes the updates one at a time and values the round with one method, as the contribution tracker does.</summary>
    public ValuedRound Value(string method, int permutations)
    {
        var rule = new FedAvg();
        var terms = new FederationTerms(
            "softmax", [new AggregatorTerms(rule.Spec, rule.SmallCoalitions)], "validation-loss", [method],
            new SamplingTerms(permutations, permutations, 0), 128, new PaymentTerms(0, method, "proportional", "unallocated"), 1,
            method.Split(':')[0] == MethodCatalog.FedRandomMeanName ? new CounterfactualTerms(Pool()) : default);
        var setup = new FederationSetup(terms, FederationModel.Native(_network, _model), new ValidationRows(_validation));
        var valuation = new RoundValuation(setup, TrainingState.Start(setup), new CpuBackend(Environment.ProcessorCount));
        for (int k = 0; k < _locals.Length; k++)
            valuation.Add($"participant-{k:D3}", _locals[k], 100);
        return valuation.Finish(1, 0, PastRounds.None);
    }

    static AggregatorTerms[] Pool() => [.. AggregationPool.Parse("fedrandom").Members.Select(m => new AggregatorTerms(m.Spec, m.SmallCoalitions))];
}
