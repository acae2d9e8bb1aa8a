using System.Runtime.InteropServices;
using System.Text.Json;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Valuation.Games;

namespace FedValue.Benchmarks.Coalitions;

/// <summary>
/// The rows of the benchmark: Fashion-MNIST, 60,000 to train and 10,000 to validate, pixels from 0 to 1; made-up ones of the same shape where
/// it is not there.
/// </summary>
sealed record BenchmarkData(LabelledRows Train, LabelledRows Validation, string Name)
{
    const string Variable = "FEDVALUE_SHARED_DATA";
    const int Width = 784, Classes = 10, TrainRows = 60_000, ValidationRows = 10_000;

    public static BenchmarkData Load()
    {
        string? shared = Environment.GetEnvironmentVariable(Variable);
        string folder = Path.Combine(shared ?? "", "fashion-mnist");
        if (shared is null || !Directory.Exists(folder))
        {
            string name = $"made-up rows ({Variable} names no folder with fashion-mnist)";
            return new BenchmarkData(MadeUp(TrainRows, 1), MadeUp(ValidationRows, 2), name);
        }
        Dataset data = DatasetLoader.Load("idx:" + folder);
        LabelledRows Half(bool heldOut)
        {
            int[] rows = [.. Enumerable.Range(0, data.Count).Where(row => data.HeldOut![row] == heldOut)];
            var features = new float[rows.Length * data.Width];
            for (int i = 0; i < features.Length; i++)
                features[i] = (float)(data.Features[rows[i / data.Width] * data.Width + i % data.Width] / 255);
            return new LabelledRows(data.Width, features, [.. rows.Select(row => data.Labels[row])]);
        }
        return new BenchmarkData(Half(heldOut: false), Half(heldOut: true), "Fashion-MNIST");
    }

    static LabelledRows MadeUp(int count, uint name)
    {
        var random = new RandomStream(1, RandomPurpose.Split, name);
        var features = new float[count * Width];
        foreach (ref float feature in features.AsSpan())
            feature = (float)random.NextDouble();
        return new LabelledRows(Width, features, [.. Enumerable.Range(0, count).Select(_ => random.NextInteger(Classes))]);
    }
}

/// <summary>A round of participants that each trained one local epoch on their share of the rows.</summary>
sealed class BenchmarkRound
{
    static readonly TrainingSettings Settings = new(LearningRate: 0.05, BatchSize: 64);

    readonly Network _network;
    readonly LabelledRows[] _shares;
    readonly ValidationSet _validation;
    readonly float[] _model;
    readonly float[][] _locals;

    public BenchmarkRound(string architecture, BenchmarkData data, int participants, int threads)
    {
        Name = architecture.Replace(':', '-').Replace(',', '-') + $"-{participants}";
        _network = new Network(FedValue.Federation.Learning.Architecture.Parse(architecture), data.Train.Width, data.Train.Labels.Max() + 1);
        _validation = new ValidationSet(_network, new ValidationRows(data.Validation));
        _shares = [.. Shares(data.Train, participants)];
        _model = _network.Initialize(1);
        _locals = Train(threads);
    }

    public string Name { get; }

    /// <summary>784-256-64-10, for example.</summary>
    public string Shape => string.Join('-', _network.Layers.Select(layer => layer.Inputs)) + $"-{_network.Classes}";

    public int Participants => _shares.Length;

    /// <summary>Every participant's local epoch.</summary>
    public float[][] Train(int threads)
    {
        var locals = new float[_shares.Length][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        LargestFirst.For(locals.Length, k => _shares[k].Count, options, k => locals[k] =
            new LocalTrainer(_network, Settings).Train(_model, _shares[k], new RandomStream(1, RandomPurpose.Training, 1, (uint)k)));
        return locals;
    }

    /// <summary>A local epoch and FedAvg.</summary>
    public void TrainAndAggregate(int threads)
    {
        var rule = new FedAvg();
        rule.Aggregate(rule.Start(_model.Length), Updates(Train(threads)));
    }

    /// <summary>Utilities of all coalitions, from nothing but the updates.</summary>
    public double[] Table(int threads) => CoalitionTable.Evaluate(Utility(new FedAvg()), threads).Utilities();

    /// <summary>The utility of one coalition by the model that the rule forms.</summary>
    public double Rebuilt(int mask)
    {
        var rule = new FedAvg();
        var model = new float[_model.Length];
        rule.CoalitionModel(rule.Start(model.Length), Updates(_locals), Coalition.OfMask((ulong)mask).Members(), model);
        return -Utilities.Losses(_validation, _validation.Score(model))[0];
    }

    /// <summary>Writes what the peer reads.</summary>
    public void Write(string folder)
    {
        Raw("features", _validation.Rows.Features);
        Raw("labels", _validation.Rows.Labels);
        Raw("train-features", [.. _shares.SelectMany(share => share.Features)]);
        Raw("train-labels", [.. _shares.SelectMany(share => share.Labels)]);
        Raw(Name + ".models", [.. _model, .. _locals.SelectMany(local => local)]);
        File.WriteAllText(Path.Combine(folder, Name + ".json"), JsonSerializer.Serialize(new
        {
            widths = (int[])[.. _network.Layers.Select(layer => layer.Inputs), _network.Classes],
            examples = _shares.Select(share => share.Count),
            batch = Settings.BatchSize,
            rate = Settings.LearningRate,
        }));

        void Raw<T>(string name, T[] numbers) where T : unmanaged =>
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());
    }

    CoalitionUtility Utility(AggregationRule rule) =>
        new(_validation, UtilityKind.ValidationLoss, rule, rule.Start(_model.Length), Updates(_locals));

    RoundUpdates Updates(float[][] locals) => new(
        [.. locals.Select((_, k) => $"{k:D2}")], new UpdateRows(_model, locals), [.. _shares.Select(share => (long)share.Count)]);

    /// <summary>Sizes from 1 to 2, in proportion, from the first participant to the last; rows follow each other.</summary>
    static IEnumerable<LabelledRows> Shares(LabelledRows rows, int participants)
    {
        int first = 0;
        double total = 1.5 * participants;
        double until = 0;
        for (int k = 0; k < participants; k++)
        {
            until += 1 + (participants == 1 ? 0.5 : (double)k / (participants - 1));
            int end = (int)(rows.Count * until / total);
            yield return new LabelledRows(
                rows.Width, rows.Features[(first * rows.Width)..(end * rows.Width)], rows.Labels[first..end]);
            first = end;
        }
    }
}
