using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Simulation;

/// <summary>A simulation that can run: data divided and corrupted, model and terms settled, every wish checked.</summary>
public sealed class SimulationPlan
{
    static readonly string[] DemonstrationCorruptions = ["label-flip:0.6@2,5", "free-rider@3", "duplicate-of:1@4"];

    /// <summary>The options with every choice made.</summary>
    public required SimulationOptions Options { get; init; }

    /// <summary>The participants in ordinal order of their ids.</summary>
    public required IReadOnlyList<SimulatedParticipant> Participants { get; init; }

    /// <summary>Participants of the table that hold no training rows, because all of theirs validate or test: they do not take part.</summary>
    public required IReadOnlyList<string> HeldOut { get; init; }

    /// <summary>How many groups the validation rows come from, where that is too few for the blocks of the jackknife; else null.</summary>
    public required int? ValidationGroups { get; init; }

    /// <summary>The names of the classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Rows that valuation never sees; may be empty.</summary>
    public required LabelledRows Test { get; init; }

    /// <summary>How participants train.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>What the federation begins with.</summary>
    public required FederationCreation Creation { get; init; }

    /// <summary>The model's layers.</summary>
    public Network Network => Creation.Model.Network!;

    /// <summary>How values of rounds make a total.</summary>
    public required TotalRule Totals { get; init; }

    /// <summary>How many participants a round invites.</summary>
    public required int CohortSize { get; init; }

    /// <summary>Checks the options and prepares everything that does not depend on training.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="load">Where a data set comes from, for many plans of one; null: <see cref="DatasetLoader.Load"/>.</param>
    /// <exception cref="SimulationException">Something cannot be done; the message is one sentence.</exception>
    public static SimulationPlan Prepare(SimulationOptions options, Func<string, Dataset>? load = null)
    {
        try
        {
            return Build(options, load ?? DatasetLoader.Load);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or LedgerOrderException)
        {
            throw new SimulationException(wrong.Message);
        }
    }

    /// <summary>The participants of a round, in ordinal order: a draw from (seed, round).</summary>
    public IReadOnlyList<int> Cohort(int round) => CohortDraw.Of(Options.Seed, round, Participants.Count, CohortSize);

    static SimulationPlan Build(SimulationOptions wish, Func<string, Dataset> load)
    {
        CheckNumbers(wish);
        SimulationOptions options = ChooseScenario(NamedScenarios.Expand(wish));
        Dataset data = load(options.Dataset!);
        options = options with { Partition = options.Partition ?? (data.Participants is null ? "size-dirichlet:4" : "natural") };
        var partition = Partition.Parse(options.Partition);
        Corruption[] corruptions = [.. options.Corrupt!.Select(Corruption.Parse)];
        options = options with { Stop = options.Stop is null ? null : StopCondition.Parse(options.Stop).Text };
        options = options with { Partition = partition.Spec, Corrupt = [.. corruptions.Select(c => c.Spec)] };

        DataSplit split = DataSplit.Draw(data, options.Validation, options.Test, options.Seed);
        if (split.Validation.Length < Jackknife.Blocks)
        {
            throw new SimulationException(
                $"The validation split has {split.Validation.Length} rows, but at least {Jackknife.Blocks} are needed; " +
                "raise --validation or use more data.");
        }
        var scale = Standardization.Learn(data, split.Train);
        IReadOnlyList<(string Id, int[] Rows)> divided = partition.Divide(data, split.Train, options.Participants, options.Seed);
        SimulatedParticipant[] honest = [.. divided.Select(d => new SimulatedParticipant(d.Id, scale.Apply(data, d.Rows)))];
        IReadOnlyList<SimulatedParticipant> participants = Corruption.ApplyAll(corruptions, honest, data.Classes.Count, options.Seed);
        options = options with { Participants = divided.Count }; // further identities of one are not asked for again

        int cohort = CohortDraw.Size(options.Participation, participants.Count);
        if (cohort > FederationState.CohortMax)
        {
            throw new SimulationException(
                $"A round takes at most {FederationState.CohortMax} participants, but {cohort} would be invited; lower --participation.");
        }
        (options, FederationTerms terms) = TermsChoice.Of(options, cohort);
        var network = new Network(Architecture.Parse(options.Model), data.Width, data.Classes.Count);

        var creation = new FederationCreation(
            "simulation", terms, FederationModel.Native(network, network.Initialize(options.Seed)),
            Blocked(scale.Apply(data, split.Validation), split.Blocks.Ends), Scenario(options, data));
        RefuseWhatTheFederationWould(creation);
        return new SimulationPlan
        {
            Options = options,
            Participants = participants,
            HeldOut = partition.IsNatural ? [.. data.Participants!.Except(divided.Select(d => d.Id)).Order(StringComparer.Ordinal)] : [],
            ValidationGroups = split.Blocks.AreTooFewGroups ? split.Blocks.Groups : null,
            Classes = data.Classes,
            Test = scale.Apply(data, split.Test),
            Training = options.Training,
            Creation = creation,
            CohortSize = cohort,
            Totals = TotalRule.Parse(options.RoundWeights, options.RoundNormalization),
        };
    }

    static ValidationRows Blocked(LabelledRows rows, int[]? ends) => ends is null ? new ValidationRows(rows) : new ValidationRows(rows, ends);

    /// <summary>Finds out before anything is stored whether a federation can begin, and whether its rounds fit on a ledger.</summary>
    /// <exception cref="SimulationException">The terms, or a round under them, do not fit into an entry.</exception>
    /// <exception cref="FormatException">The terms name something unknown.</exception>
    /// <exception cref="LedgerOrderException">The terms cannot hold.</exception>
    public static void RefuseWhatTheFederationWould(FederationCreation creation)
    {
        _ = new FederationSetup(creation.Terms, creation.Model, creation.Validation);
        var created = new FederationCreated(
            creation.Name, Numerics.Version, creation.Terms, Manifest: default, Model: default, Validation: default(Digest),
            creation.Scenario, At: 0);
        new FederationState().Apply(created);
        var valued = new RoundValued(int.MaxValue, Statistics: default, CoalitionUtilities: default(Digest),
            [.. creation.Terms.Methods.Select(method =>
                new MethodValuation(method, Values: default, Errors: default, long.MaxValue, long.MaxValue, MethodResult.StoppedAtMaximum))]);
        try
        {
            EventJson.Serialize(created);
            EventJson.Serialize(valued);
        }
        catch (LedgerFormatException)
        {
            throw new SimulationException(
                $"These settings do not fit into an entry of the ledger, which has at most {EventJson.LengthMax} bytes: use shorter column " +
                "names, or fewer corruptions, aggregators and methods.");
        }
    }

    static void CheckNumbers(SimulationOptions o)
    {
        string? problem = o.Training.Problem()
            ?? (o.Rounds < 1 ? $"At least 1 round is needed, but {o.Rounds} came." : null)
            ?? (o.Participation is <= 0 or > 1
                ? $"The participation must be above 0 and at most 1, but {NumberText.Of(o.Participation)} came." : null)
            ?? (o.Threads < 1 ? $"At least 1 thread is needed, but {o.Threads} came." : null)
            ?? TermsChoice.Problem(o);
        if (problem is not null)
            throw new SimulationException(problem);
    }

    /// <summary>Nothing said about the scenario: the demonstration of unequal sizes, flippers, a free rider and a duplicate.</summary>
    static SimulationOptions ChooseScenario(SimulationOptions o)
    {
        bool nothingGiven = o is { Dataset: null, Partition: null, Participants: null, Corrupt: null };
        return o with { Dataset = o.Dataset ?? "digits", Corrupt = o.Corrupt ?? (nothingGiven ? DemonstrationCorruptions : []) };
    }

    static IReadOnlyList<ScenarioOption> Scenario(SimulationOptions o, Dataset data)
    {
        return
        [
            new("batch-size", NumberText.Of(o.BatchSize)),
            .. o.Corrupt!.Select(c => new ScenarioOption("corrupt", c)),
            new("dataset", DatasetLoader.WithoutPath(o.Dataset!)),
            new("dataset-sha256", data.Digest),
            new("learning-rate", NumberText.Of(o.LearningRate)),
            new("local-epochs", NumberText.Of(o.LocalEpochs)),
            new("momentum", NumberText.Of(o.Momentum)),
            new("participants", NumberText.Of(o.Participants!.Value)),
            new(CohortDraw.ParticipationOption, NumberText.Of(o.Participation)),
            new("partition", o.Partition!),
            .. o.ProximalMu == 0 ? [] : (ScenarioOption[])[new("proximal-mu", NumberText.Of(o.ProximalMu))], // 0 keeps older ledgers' bytes
            new("rounds", NumberText.Of(o.Rounds)),
            new("test", NumberText.Of(o.Test)),
            new("validation", NumberText.Of(o.Validation)),
            new("weight-decay", NumberText.Of(o.WeightDecay)),
        ];
    }
}
