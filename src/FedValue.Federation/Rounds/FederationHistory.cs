using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>One paid round, with its numbers read back from the blobs.</summary>
/// <param name="Opened">How it began.</param>
/// <param name="Accepted">The accepted updates, in ordinal order of their participants.</param>
/// <param name="Aggregated">The aggregate.</param>
/// <param name="Valued">The valuations as they stand on the ledger.</param>
/// <param name="Payouts">The payouts.</param>
/// <param name="Estimates">Values and errors per method.</param>
/// <param name="SquaredNorms">Squared norms of the updates.</param>
/// <param name="Gram">Their Gram matrix (n x n), where it was kept.</param>
/// <param name="OwnLosses">Validation losses of the participants' own models (n), where a method measured them.</param>
public sealed record PaidRoundHistory(
    RoundOpened Opened,
    IReadOnlyList<UpdateAccepted> Accepted,
    RoundAggregated Aggregated,
    RoundValued Valued,
    PayoutsPosted Payouts,
    IReadOnlyDictionary<string, Estimate> Estimates,
    IReadOnlyList<double> SquaredNorms,
    IReadOnlyList<double>? Gram,
    IReadOnlyList<double>? OwnLosses)
{
    /// <summary>Mean cross-entropy of the round's model on the validation rows, in nats.</summary>
    /// <exception cref="InvalidOperationException">The federation has none.</exception>
    public double ValidationLoss => Measured(Aggregated.ValidationLoss);

    /// <summary>Share of the validation rows that the round's model classifies correctly.</summary>
    /// <exception cref="InvalidOperationException">The federation has none.</exception>
    public double ValidationAccuracy => Measured(Aggregated.ValidationAccuracy);

    /// <summary>Whose updates were accepted, in ordinal order.</summary>
    public IReadOnlyList<string> Participants { get; } = [.. Accepted.Select(update => update.Participant)];

    static double Measured(DoubleBits? figure) =>
        figure?.Value ?? throw new InvalidOperationException("This federation has no validation data, so nothing was measured.");
}

/// <summary>All that tables and reports need, as a fold over a ledger and its blobs: the ledger is the only truth.</summary>
public sealed class FederationHistory
{
    readonly Dictionary<string, int> _places;
    readonly double _initialLoss; // NaN where no total needs it or nothing was measured

    FederationHistory(
        FederationCreated created, FederationState state, TreeHead head, IReadOnlyList<PaidRoundHistory> rounds, TotalRule totals,
        double initialLoss)
    {
        TotalRule = totals;
        _initialLoss = initialLoss;
        Created = created;
        State = state;
        Head = head;
        Rounds = rounds;
        Participants = [.. state.Participants.Keys];
        _places = Participants.Select((participant, place) => (participant, place)).ToDictionary(p => p.participant, p => p.place);
    }

    /// <summary>How the federation began.</summary>
    public FederationCreated Created { get; }

    /// <summary>The state after the last entry.</summary>
    public FederationState State { get; }

    /// <summary>Size and root.</summary>
    public TreeHead Head { get; }

    /// <summary>Everybody who enrolled, in ordinal order.</summary>
    public IReadOnlyList<string> Participants { get; }

    /// <summary>The paid rounds.</summary>
    public IReadOnlyList<PaidRoundHistory> Rounds { get; }

    /// <summary>The methods of the terms.</summary>
    public IReadOnlyList<string> Methods => Created.Terms.Methods;

    /// <summary>How values of rounds make a total.</summary>
    public TotalRule TotalRule { get; }

    /// <summary>A method's values summed over all rounds by <see cref="TotalRule"/>, one per participant of the federation.</summary>
    public Estimate Total(string method) => Total(method, Rounds.Count);

    /// <summary>The same over the first so many rounds.</summary>
    public Estimate Total(string method, int rounds)
    {
        var entering = new List<(Estimate, IReadOnlyList<int>)>();
        double loss = _initialLoss;
        foreach (PaidRoundHistory round in Rounds.Take(rounds))
        {
            double before = loss;
            loss = round.Aggregated.ValidationLoss?.Value ?? double.NaN;
            if (TotalRule.Entering(round.Estimates[method], round.Opened.Round, before - loss) is { } values)
                entering.Add((values, [.. round.Participants.Select(PlaceOf)]));
        }
        return Estimate.Sum(Participants.Count, entering);
    }

    /// <summary>In how many rounds a participant's update was accepted.</summary>
    public int RoundsOf(string participant) => Rounds.Count(round => round.Participants.Contains(participant));

    /// <summary>The place of an enrolled participant in <see cref="Participants"/>.</summary>
    public int PlaceOf(string participant) => _places[participant];

    /// <summary>Reads a ledger and its blobs; totals are plain sums unless another rule is given.</summary>
    /// <exception cref="LedgerFormatException">An entry or blob is not what it should be.</exception>
    /// <exception cref="FormatException">The rule for totals needs validation data, and there is none.</exception>
    /// <exception cref="LedgerOrderException">The entries break a rule of order.</exception>
    /// <exception cref="BlobException">A blob is missing or damaged.</exception>
    public static async Task<FederationHistory> LoadAsync(
        ILedgerStore ledger, IBlobStore blobs, CancellationToken cancellation = default, TotalRule? totals = null)
    {
        totals ??= TotalRule.Plain;
        var state = new FederationState();
        var tree = new MerkleTree();
        var rounds = new List<PaidRoundHistory>();
        RoundState? valued = null;
        await foreach (LedgerEntry entry in ledger.ReadAsync(0, cancellation))
        {
            tree.Append(entry.Bytes.Span);
            LedgerEvent parsed = EventJson.Parse(entry.Bytes.Span);
            state.Apply(parsed);
            if (parsed is RoundValued)
                valued = state.Round;
            else if (parsed is PayoutsPosted slice)
            {
                PayoutsPosted posted = PayoutSlices.Join(valued!.Posted, slice, valued.Accepted.Count);
                valued = valued with { Posted = posted };
                if (state.Round is null)
                    rounds.Add(await ReadRoundAsync(valued, posted, blobs, cancellation));
            }
        }
        if (state.Created is not { } created)
            throw new LedgerFormatException("The ledger has no entries.");
        double initialLoss = double.NaN;
        if (totals.Normalization == RoundNormalization.LossDrop)
        {
            FederationSetup setup = await FederationSetup.LoadAsync(created, blobs, cancellation);
            if (setup.Validation is null)
            {
                throw new FormatException(
                    "Rounds are normalized by the validation loss that they take away, but this federation has no validation data.");
            }
            initialLoss = setup.LossOf(setup.Model.Weights)!();
        }
        return new FederationHistory(created, state, tree.Head, rounds, totals, initialLoss);
    }

    static async Task<PaidRoundHistory> ReadRoundAsync(RoundState round, PayoutsPosted payouts, IBlobStore blobs, CancellationToken cancellation)
    {
        RoundValued valued = round.Valued!;
        int n = round.Accepted.Count;
        var estimates = new Dictionary<string, Estimate>();
        foreach (MethodValuation valuation in valued.Valuations)
        {
            double[] values = DoubleBlob.Read(await blobs.GetAsync(valuation.Values, cancellation), n);
            estimates.Add(valuation.Method, EstimateBlob.Read(values, await blobs.GetAsync(valuation.Errors, cancellation)));
        }
        SafetensorsFile statistics = SafetensorsFile.Read(await blobs.GetAsync(valued.Statistics, cancellation));
        return new PaidRoundHistory(
            round.Opened, [.. round.Accepted.Values], round.Aggregated!, valued, payouts, estimates,
            statistics["squared_norms"].AsDoubles(),
            statistics.TryGet("gram", out Tensor? gram) ? gram.AsDoubles() : null,
            statistics.TryGet("own_losses", out Tensor? losses) ? [.. losses.AsDoubles().Chunk(Utilities.Columns).Select(l => l[0])] : null);
    }
}
