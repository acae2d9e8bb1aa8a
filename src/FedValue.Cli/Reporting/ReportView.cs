using FedValue.Cli.Runs;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Reporting;

/// <summary>A value with its 95 % interval; null where nothing is known about its error.</summary>
readonly record struct RoundValue(double Value, (double Low, double High)? Interval);

/// <summary>The run in the order in which the whole report shows it: by the leading method's total, the largest first.</summary>
sealed class ReportView
{
    readonly int?[][] _places;

    public ReportView(RunSummary summary)
    {
        Summary = summary;
        Lead = summary.Methods.FirstOrDefault(method => method.Info.Name == Payment.PayBy) ?? summary.Methods.FirstOrDefault();
        IReadOnlyList<string> ids = History.Participants;
        Order =
        [
            .. Enumerable.Range(0, ids.Count)
                .OrderByDescending(k => Lead?.Total.Values[k] ?? 0)
                .ThenByDescending(k => Balance(k))
                .ThenBy(k => ids[k], StringComparer.Ordinal),
        ];
        _places = [.. History.Rounds.Select(round => Places(round, ids))];
    }

    public RunSummary Summary { get; }

    public FederationHistory History => Summary.History;

    public SimulationPlan Plan => Summary.Plan;

    public PaymentTerms Payment => History.Created.Terms.Payment;

    public int Rounds => History.Rounds.Count;

    /// <summary>The paying method, else the first one; null where no method ran.</summary>
    public MethodSummary? Lead { get; }

    /// <summary>Whether a method decides the payouts.</summary>
    public bool MethodPays => Payment.PayBy != "";

    /// <summary>Places in <see cref="FederationHistory.Participants"/>.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>All that was to be divided.</summary>
    public long BudgetTotal => History.Rounds.Sum(round => round.Payouts.Budget);

    public long PaidTotal => History.State.Balances.Values.Sum();

    public SimulatedParticipant Participant(int k) => Plan.Participants[k];

    public string Id(int k) => History.Participants[k];

    public long Balance(int k) => History.State.Balances[Id(k)];

    /// <summary>A participant's value summed over the rounds; null for one who took part in none, of whom nothing is known.</summary>
    public RoundValue? Total(MethodSummary method, int k) =>
        _places.All(places => places[k] is null) ? null : new RoundValue(method.Total.Values[k], method.Total.Interval(k));

    /// <summary>The totals of all participants, by their places.</summary>
    public RoundValue?[] Totals(MethodSummary method) => [.. Enumerable.Range(0, Order.Count).Select(k => Total(method, k))];

    /// <summary>A participant's value in every round; null in rounds without it.</summary>
    public RoundValue?[] Values(string method, int k) =>
    [
        .. History.Rounds.Select((round, r) => _places[r][k] is { } place
            ? new RoundValue(round.Estimates[method].Values[place], round.Estimates[method].Interval(place))
            : (RoundValue?)null),
    ];

    /// <summary>A participant's payout in every round; null in rounds without it.</summary>
    public long?[] Payouts(int k) =>
        [.. History.Rounds.Select((round, r) => _places[r][k] is { } place ? round.Payouts.Payouts[place].Amount : (long?)null)];

    static int?[] Places(PaidRoundHistory round, IReadOnlyList<string> ids)
    {
        var places = round.Participants.Select((id, place) => (id, place)).ToDictionary(p => p.id, p => p.place);
        return [.. ids.Select(id => places.TryGetValue(id, out int place) ? place : (int?)null)];
    }
}
