using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Support;

/// <summary>A whole federation by hand: three participants, two rounds, every type of event, tiny blobs.</summary>
sealed class SmallFederation
{
    readonly List<byte[]> _blobs = [];
    readonly List<LedgerEvent> _events = [];

    readonly PaymentTerms _payment;

    /// <summary>The federation under the terms of payment given, or else under those of <see cref="Terms"/>.</summary>
    public SmallFederation(PaymentTerms? payment = null)
    {
        _payment = payment ?? Terms.Payment;
        Digest model = Blob("model 0");
        ScenarioOption[] scenario = [new ScenarioOption("participants", "3")];
        FederationTerms terms = Terms with { Payment = _payment };
        _events.Add(new FederationCreated("wards", 1, terms, Blob("manifest"), model, Blob("validation"), scenario, 0));
        _events.Add(new ParticipantEnrolled("bob", 20, 1));
        _events.Add(new ParticipantEnrolled("ada", 10, 2));
        _events.Add(new ParticipantEnrolled("cyd", 30, 3));
        model = Round(1, model, ("bob", 20, 0.25), ("ada", 10, 0.5), ("cyd", 5, -0.125));
        _events.Add(new ParticipantEnrolled("Dan", 7, 30));
        model = Round(2, model, ("Dan", 7, 3), ("cyd", 30, 1));
        _events.Add(new FederationClosed(2, model, 60));
    }

    public static FederationTerms Terms { get; } = new(
        "softmax",
        [new AggregatorTerms("fedavg", "an empty coalition keeps the model")],
        "validation-loss",
        ["shapley", "leave-one-out"],
        new SamplingTerms(10, 100, 0.05),
        64,
        new PaymentTerms(1000, "shapley", PaymentPolicy.Proportional, PaymentPolicy.Unallocated),
        42);

    public IReadOnlyList<LedgerEvent> Events => _events;

    public IReadOnlyList<byte[]> Blobs => _blobs;

    /// <summary>The index of the first (or a later) event of a type.</summary>
    public int IndexOf<T>(int occurrence = 0) =>
        Enumerable.Range(0, _events.Count).Where(i => _events[i] is T).ElementAt(occurrence);

    /// <summary>The first (or a later) event of a type.</summary>
    public T Event<T>(int occurrence = 0) => _events.OfType<T>().ElementAt(occurrence);

    /// <summary>The state after the first events.</summary>
    public FederationState StateAfter(int count)
    {
        FederationState state = new();
        foreach (LedgerEvent e in _events.Take(count))
            state.Apply(e);
        return state;
    }

    public async Task<IBlobStore> PutBlobsAsync(IBlobStore store)
    {
        foreach (byte[] blob in _blobs)
            await store.PutAsync(blob);
        return store;
    }

    public async Task<InMemoryLedgerStore> LedgerAsync()
    {
        InMemoryLedgerStore store = new();
        await store.AppendAsync(0, [.. _events.Select(e => (ReadOnlyMemory<byte>)EventJson.Serialize(e))]);
        return store;
    }

    Digest Round(int round, Digest model, params (string Participant, long Examples, double Value)[] updates)
    {
        int at = 10 * round;
        string[] cohort = [.. updates.Select(update => update.Participant).Order(StringComparer.Ordinal)];
        _events.Add(new RoundOpened(round, model, "fedavg", cohort, at));
        foreach (var (participant, examples, _) in updates)
        {
            byte[] update = System.Text.Encoding.UTF8.GetBytes($"update {round} {participant}");
            _events.Add(new UpdateAccepted(round, participant, Blob(update), examples, update.Length, ++at));
        }

        Digest refused = Digest.Of("an update that nobody keeps"u8);
        _events.Add(new UpdateRefused(round, cohort[0], refused, "equivocation", "Expected one update, but another came.", ++at));
        Digest next = Blob($"model {round}");
        _events.Add(new RoundAggregated(round, updates.Length, next, Blob($"state {round}"), 0.693, 0.75));

        var inOrder = updates.OrderBy(update => update.Participant, StringComparer.Ordinal).ToArray();
        double[] values = [.. inOrder.Select(update => update.Value)];
        MethodValuation[] valuations =
        [
            new("shapley", Blob(DoubleBlob.Write(values)), Blob($"errors {round}"), 8, 0, "exact"),
            new("leave-one-out", Blob(DoubleBlob.Write([.. values.Select(value => value / 2)])), Blob($"no errors {round}"), 4, 0, "exact"),
        ];
        Digest? utilities = round == 1 ? Blob("coalition utilities") : null;
        Digest? memory = round == 1 ? Blob("memory") : null;
        _events.Add(new RoundValued(round, Blob($"statistics {round}"), utilities, valuations, memory));
        long[] examplesInOrder = [.. inOrder.Select(update => update.Examples)];
        double[] decisive = _payment.Policy == PaymentPolicy.Proportional ? values : [];
        _events.Add(PayoutRules.Post(_payment, round, cohort, decisive, examplesInOrder));
        return next;
    }

    Digest Blob(string text) => Blob(System.Text.Encoding.UTF8.GetBytes(text));

    Digest Blob(byte[] content)
    {
        _blobs.Add(content);
        return Digest.Of(content);
    }
}
