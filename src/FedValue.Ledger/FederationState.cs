using System.Collections.Immutable;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Signing;

namespace FedValue.Ledger;

/// <summary>What a ledger says: the fold over its events, and with it the rules of their order.</summary>
/// <remarks>For one caller at a time. An event that is refused changes nothing.</remarks>
public sealed class FederationState
{
    /// <summary>The most participants a round may invite, provided that their ids fit into one entry.</summary>
    public const int CohortMax = 5000;

    /// <summary>The most examples a participant may declare: 2^53 - 1, the most that every JSON reader keeps exactly.</summary>
    public const long DeclaredExamplesMax = (1L << 53) - 1;

    ImmutableHashSet<string> _everKeys = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    ImmutableList<Digest> _beginnings = [];
    LedgerName? _name;
    Digest _model;
    Digest? _aggregatorState;
    Digest? _memory;

    /// <summary>The first event; null before it.</summary>
    public FederationCreated? Created { get; private set; }

    /// <summary>What the participants agreed to.</summary>
    /// <exception cref="InvalidOperationException">The ledger is empty.</exception>
    public FederationTerms Terms => Created?.Terms ?? throw Empty();

    /// <summary>Who joined, by id in ordinal order.</summary>
    public ImmutableSortedDictionary<string, ParticipantEnrolled> Participants { get; private set; } =
        ImmutableSortedDictionary.Create<string, ParticipantEnrolled>(StringComparer.Ordinal);

    /// <summary>What signatures about this ledger name.</summary>
    /// <exception cref="InvalidOperationException">The ledger is empty.</exception>
    public LedgerName Name => _name ??= Created is { } created
        ? new LedgerName(created.Federation, MerkleHash.Leaf(EventJson.Serialize(created)))
        : throw Empty();

    /// <summary>
    /// The key that each participant signs with now, by id; null where it was revoked. Participants of a simulation have none and are not here.
    /// </summary>
    public ImmutableDictionary<string, string?> Keys { get; private set; } =
        ImmutableDictionary.Create<string, string?>(StringComparer.Ordinal);

    /// <summary>Whether a key was ever enrolled here, by whomever; such a one is not taken again.</summary>
    public bool WasEnrolled(string publicKey) => _everKeys.Contains(publicKey);

    /// <summary>How often each participant's key was revoked, by id; who is not here: never. A token for another key names it.</summary>
    public ImmutableDictionary<string, int> Revocations { get; private set; } =
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Blob: the model after the last aggregation, or the one the federation began with.</summary>
    /// <exception cref="InvalidOperationException">The ledger is empty.</exception>
    public Digest CurrentModel => Created is null ? throw Empty() : _model;

    /// <summary>The round between its opening and its payment or abandonment; null between rounds.</summary>
    public RoundState? Round { get; private set; }

    /// <summary>How many rounds were paid.</summary>
    public int RoundsPaid { get; private set; }

    /// <summary>The rounds that the operator gave up unpaid.</summary>
    public ImmutableSortedSet<int> RoundsAbandoned { get; private set; } = [];

    /// <summary>The number of the last round that has ended, paid or abandoned; 0 before any.</summary>
    public int LastRound => RoundsPaid + RoundsAbandoned.Count;

    /// <summary>Blob: the model that a round began with, which signatures of its updates name; null where none of this number was opened.</summary>
    public Digest? BeginningOf(int round) => round >= 1 && round <= _beginnings.Count ? _beginnings[round - 1] : null;

    /// <summary>What each participant has earned, in minor units, by id in ordinal order.</summary>
    public ImmutableSortedDictionary<string, long> Balances { get; private set; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The round in which each participant's first update was accepted, by id in ordinal order.</summary>
    public ImmutableSortedDictionary<string, int> JoinedIn { get; private set; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>What nobody has earned, in minor units.</summary>
    public long Unallocated { get; private set; }

    /// <summary>Whether the last entry was written.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Takes the next event.</summary>
    /// <exception cref="LedgerOrderException">The event cannot follow those before it.</exception>
    public void Apply(LedgerEvent ledgerEvent)
    {
        CheckTurn(ledgerEvent);
        switch (ledgerEvent)
        {
            case FederationCreated e: Create(e); break;
            case ParticipantEnrolled e: Enrol(e); break;
            case KeyReplaced e: ReplaceKey(e); break;
            case KeyRevoked e: RevokeKey(e); break;
            case RoundOpened e: Open(e); break;
            case UpdateAccepted e: Accept(e); break;
            case UpdateRefused e: Refuse(e); break;
            case RoundAggregated e: Aggregate(e); break;
            case RoundValued e: Value(e); break;
            case PayoutsPosted e: Pay(e); break;
            case RoundAbandoned e: Abandon(e); break;
            case FederationClosed e: Close(e); break;
            default: throw new LedgerOrderException($"There is no rule for a {ledgerEvent.GetType().Name}.");
        }
    }

    // Every field is immutable or a cache, so a shallow copy is a whole one.
    internal FederationState Clone() => (FederationState)MemberwiseClone();

    void CheckTurn(LedgerEvent e)
    {
        if (IsClosed)
            throw new LedgerOrderException($"The federation is closed, so nothing may follow, but {EventWords.Of(e)} came.");
        if (Created is null && e is not FederationCreated)
            throw new LedgerOrderException($"Expected the beginning of a federation as the first event, but {EventWords.Of(e)} came.");
        if (Round?.Valued is not null && e is not PayoutsPosted)
            throw new LedgerOrderException($"Expected the payouts of round {Round.Number} right after its valuation, but {EventWords.Of(e)} came.");
    }

    void Create(FederationCreated e)
    {
        if (Created is not null)
            throw new LedgerOrderException($"The federation '{Created.Federation}' exists already: a ledger holds one federation.");
        if (TermsRules.Problem(e.Terms) is { } problem)
            throw new LedgerOrderException(problem);
        Created = e;
        _model = e.Model;
    }

    void Enrol(ParticipantEnrolled e)
    {
        if (ParticipantId.Problem(e.Participant) is { } problem)
            throw new LedgerOrderException(problem);
        if (Participants.ContainsKey(e.Participant))
            throw new LedgerOrderException($"'{e.Participant}' is enrolled already: participants have different ids.");
        if (e.DeclaredExamples is < 1 or > DeclaredExamplesMax)
        {
            throw new LedgerOrderException(
                $"A participant declares 1 to {DeclaredExamplesMax} examples, but '{e.Participant}' declared {e.DeclaredExamples}.");
        }

        if (e.PublicKey is { } key && ParticipantKey.Problem(key) is { } wrong)
            throw new LedgerOrderException(wrong);
        CheckNew(e.PublicKey, e.Participant);

        Participants = Participants.Add(e.Participant, e);
        Balances = Balances.Add(e.Participant, 0);
        if (e.PublicKey is not null)
            (Keys, _everKeys) = (Keys.Add(e.Participant, e.PublicKey), _everKeys.Add(e.PublicKey));
    }

    /// <summary>A revoked or replaced key may be in other hands, and one that two hold tells nobody which of them has signed.</summary>
    void CheckNew(string? key, string participant)
    {
        if (key is not null && WasEnrolled(key))
        {
            throw new LedgerOrderException(
                $"A key is enrolled once and for one participant, but the one that came for '{participant}' was enrolled before; make a new one.");
        }
    }

    void ReplaceKey(KeyReplaced e)
    {
        if (!Keys.TryGetValue(e.Participant, out string? old))
            throw new LedgerOrderException($"'{e.Participant}' has no key that could be replaced.");
        if (ParticipantKey.Problem(e.PublicKey) is { } wrong)
            throw new LedgerOrderException(wrong);
        if (old is null != e.Signature is null)
        {
            throw new LedgerOrderException(old is null
                ? $"The key of '{e.Participant}' was revoked, so it cannot sign for another one."
                : $"The key of '{e.Participant}' is valid, so it must sign for the one that replaces it.");
        }
        CheckNew(e.PublicKey, e.Participant);
        (Keys, _everKeys) = (Keys.SetItem(e.Participant, e.PublicKey), _everKeys.Add(e.PublicKey));
    }

    void RevokeKey(KeyRevoked e)
    {
        if (!Keys.TryGetValue(e.Participant, out string? old) || old is null)
            throw new LedgerOrderException($"'{e.Participant}' has no valid key that could be revoked.");
        Keys = Keys.SetItem(e.Participant, null);
        Revocations = Revocations.SetItem(e.Participant, Revocations.GetValueOrDefault(e.Participant) + 1);
    }

    void Open(RoundOpened e)
    {
        if (Round is not null)
            throw new LedgerOrderException($"Round {Round.Number} is still in progress: pay it before round {e.Round} opens.");
        if (e.Round != LastRound + 1)
            throw new LedgerOrderException($"Expected round {LastRound + 1} to open, but it was round {e.Round}.");
        if (e.Model != CurrentModel)
            throw new LedgerOrderException($"Round {e.Round} must start from the current model {CurrentModel}, not from {e.Model}.");
        if (!Terms.Aggregators.Any(aggregator => aggregator.Name == e.Aggregator))
            throw new LedgerOrderException($"The aggregator '{e.Aggregator}' of round {e.Round} is not one of the terms.");
        CheckCohort(e);
        Round = RoundState.Open(e, _aggregatorState, _memory);
        _beginnings = _beginnings.Add(e.Model);
    }

    void CheckCohort(RoundOpened e)
    {
        if (e.Cohort.Count is 0 or > CohortMax)
            throw new LedgerOrderException($"A round invites 1 to {CohortMax} participants, but round {e.Round} invites {e.Cohort.Count}.");
        for (int i = 0; i < e.Cohort.Count; i++)
        {
            if (!Participants.ContainsKey(e.Cohort[i]))
                throw new LedgerOrderException($"Round {e.Round} invites '{e.Cohort[i]}', who is not enrolled.");
            if (i > 0 && string.CompareOrdinal(e.Cohort[i - 1], e.Cohort[i]) >= 0)
            {
                throw new LedgerOrderException(
                    $"A cohort is in ordinal order without repetition, but '{e.Cohort[i]}' follows '{e.Cohort[i - 1]}'.");
            }
        }
    }

    void Accept(UpdateAccepted e)
    {
        RoundState round = TakingUpdates(e.Round);
        if (!round.Opened.Cohort.Contains(e.Participant))
            throw new LedgerOrderException($"Round {e.Round} did not invite '{e.Participant}'.");
        CheckSigned(e.Participant, e.Signature is not null);
        Round = round.Accept(e, Participants[e.Participant].DeclaredExamples);
        if (!JoinedIn.ContainsKey(e.Participant))
            JoinedIn = JoinedIn.Add(e.Participant, e.Round);
    }

    void Refuse(UpdateRefused e)
    {
        if (!TakingUpdates(e.Round).Opened.Cohort.Contains(e.Participant))
            throw new LedgerOrderException($"Round {e.Round} did not invite '{e.Participant}'.");
        if (e.Reason == "")
            throw new LedgerOrderException($"An update of '{e.Participant}' was refused without a reason: give a short code.");
        CheckSigned(e.Participant, e.Claim is not null);
    }

    /// <summary>Whether there is a signature; whether it holds is for the participant role and the auditor.</summary>
    void CheckSigned(string participant, bool isSigned)
    {
        bool hasKey = Keys.TryGetValue(participant, out string? key);
        if (hasKey && key is null)
            throw new LedgerOrderException($"The key of '{participant}' was revoked, so nothing can be taken from it.");
        if (hasKey != isSigned)
        {
            throw new LedgerOrderException(hasKey
                ? $"'{participant}' has a key, so what it sends is signed, but no signature came."
                : $"'{participant}' has no key, so nothing that it sends is signed, but a signature came.");
        }
    }

    void Aggregate(RoundAggregated e)
    {
        RoundState round = TakingUpdates(e.Round);
        bool isMeasured = Created!.Validation is not null;
        if (e.ValidationLoss is not null != isMeasured || e.ValidationAccuracy is not null != isMeasured)
        {
            throw new LedgerOrderException(isMeasured
                ? $"The federation has validation rows, so round {e.Round} must say loss and accuracy of its model, but it does not."
                : $"The federation has no validation rows, so round {e.Round} can say neither loss nor accuracy of its model, but it does.");
        }
        Round = round.Aggregate(e);
        _model = e.Model;
        _aggregatorState = e.AggregatorState;
    }

    void Value(RoundValued e)
    {
        Round = InProgress(e.Round).Value(e, Terms.Methods);
        _memory = e.Memory;
    }

    void Pay(PayoutsPosted e)
    {
        RoundState round = InProgress(e.Round);
        if (round.Valued is null)
            throw new LedgerOrderException($"Round {e.Round} is paid right after its valuation, but it was not valued yet.");
        PayoutOrder.CheckTerms(e, Terms.Payment);
        PayoutsPosted posted = PayoutSlices.Join(round.Posted, e, round.Accepted.Count);
        if (posted.Payouts.Count < round.Accepted.Count)
        {
            Round = round with { Posted = posted };
            return;
        }
        PayoutOrder.Check(posted, round);
        (Balances, Unallocated) = PayoutOrder.Credit(posted, Balances, Unallocated);
        RoundsPaid++;
        Round = null;
    }

    /// <summary>Its number is not given again: an update that was signed for the abandoned round is one of no other.</summary>
    void Abandon(RoundAbandoned e)
    {
        RoundState round = InProgress(e.Round);
        if (e.Model != round.Opened.Model)
        {
            throw new LedgerOrderException(
                $"An abandoned round leaves the model {round.Opened.Model} that it began with, but round {e.Round} would leave {e.Model}.");
        }
        if (string.IsNullOrWhiteSpace(e.Reason))
            throw new LedgerOrderException($"Round {e.Round} was abandoned without a reason: say why, participants read it.");
        (_model, _aggregatorState) = (round.Opened.Model, round.AggregatorState);
        RoundsAbandoned = RoundsAbandoned.Add(e.Round);
        Round = null;
    }

    void Close(FederationClosed e)
    {
        if (Round is not null)
            throw new LedgerOrderException($"Round {Round.Number} is still in progress: pay it before the federation closes.");
        if (e.Rounds != RoundsPaid)
            throw new LedgerOrderException($"{RoundsPaid} rounds were paid, but the federation closes after {e.Rounds}.");
        if (e.Model != CurrentModel)
            throw new LedgerOrderException($"The federation must close with the current model {CurrentModel}, not with {e.Model}.");
        IsClosed = true;
    }

    RoundState InProgress(int round) => Round is { } current && current.Number == round
        ? current
        : throw new LedgerOrderException(Round is null
            ? $"Round {round} is not in progress: open it first."
            : $"Round {round} is not in progress: round {Round.Number} is.");

    RoundState TakingUpdates(int round) => InProgress(round) is { Aggregated: null } open
        ? open
        : throw new LedgerOrderException($"Round {round} was aggregated: it takes no more updates.");

    static InvalidOperationException Empty() => new("The ledger is empty: append the beginning of a federation first.");
}
