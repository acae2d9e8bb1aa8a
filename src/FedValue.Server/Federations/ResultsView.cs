using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Server.Federations;

/// <summary>Contributions and payouts of the paid rounds, folded from ledger and blobs when somebody asks and a round was paid since.</summary>
sealed class ResultsView(ILedgerStore ledger, IBlobStore blobs, IFederationHost host)
{
    readonly SemaphoreSlim _turn = new(1, 1);
    FederationHistory? _history;

    public async Task<Contributions> ContributionsAsync(int? round, string? participant, CancellationToken cancellation)
    {
        FederationHistory history = await HistoryAsync(cancellation);
        IReadOnlyList<string> methods = history.Methods;
        return new Contributions(methods, history.Rounds.Count,
            [.. Chosen(history, round).Select(paid => new RoundContributions(
                paid.Opened.Round, [.. methods.SelectMany(method => Values(method, paid.Estimates[method], paid.Participants, participant))]))],
            [.. methods.SelectMany(method => Values(method, history.Total(method), history.Participants, participant))]);
    }

    public async Task<PayoutList> PayoutsAsync(int? round, string? participant, CancellationToken cancellation) => new(
        [.. Chosen(await HistoryAsync(cancellation), round).Select(paid => new RoundPayouts(
            paid.Opened.Round, paid.Payouts.Budget, paid.Payouts.Unallocated,
            [.. paid.Payouts.Payouts.Where(p => participant is null || p.Participant == participant)
                .Select(p => new ParticipantAmount(p.Participant, p.Amount))]))]);

    static IEnumerable<PaidRoundHistory> Chosen(FederationHistory history, int? round) =>
        history.Rounds.Where(paid => round is null || paid.Opened.Round == round);

    static IEnumerable<Contribution> Values(string method, Estimate estimate, IReadOnlyList<string> participants, string? only) =>
        Enumerable.Range(0, participants.Count).Where(j => only is null || participants[j] == only).Select(j => new Contribution(
            participants[j], method, estimate.Values[j], estimate.IsSampled ? estimate.SamplingErrors[j] : null,
            estimate.UsesValidation ? estimate.ValidationErrors[j] : null, estimate.Interval(j)?.Low, estimate.Interval(j)?.High));

    async Task<FederationHistory> HistoryAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            FederationState state = await host.StateAsync(cancellation);
            bool isFresh = _history is { } known && known.Rounds.Count == state.RoundsPaid && known.Participants.Count == state.Participants.Count;
            return isFresh ? _history! : _history = await FederationHistory.LoadAsync(ledger, blobs, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }
}
