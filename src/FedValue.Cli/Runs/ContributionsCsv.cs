using System.Globalization;
using System.Text;
using FedValue.Federation.Rounds;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Runs;

/// <summary>
/// contributions.csv: one line per round, participant of the federation and method; the payout is the participant's of that round, the same
/// on each of its lines. With counterfactual aggregators a last column holds the standard deviation of the value over them. Invariant culture,
/// LF, shortest round-trip numbers and no times, so the same seed gives the same bytes.
/// </summary>
static class ContributionsCsv
{
    const string Header =
        "round,participant,method,participated,value,sampling_standard_error,validation_standard_error,interval_low,interval_high,payout";

    const string SpreadColumn = ",member_standard_deviation";

    public static string Write(FederationHistory history)
    {
        bool spread = history.Created.Terms.Counterfactual.Members.Count > 0;
        IReadOnlyList<string> methods = history.Methods.Count > 0 ? history.Methods : [""];
        var csv = new StringBuilder(Header).Append(spread ? SpreadColumn : "").Append('\n');
        foreach (PaidRoundHistory round in history.Rounds)
        {
            var places = round.Participants.Select((participant, place) => (participant, place)).ToDictionary(p => p.participant, p => p.place);
            foreach (string participant in history.Participants)
            {
                int? place = places.TryGetValue(participant, out int found) ? found : null;
                foreach (string method in methods)
                {
                    csv.AppendJoin(',', Fields(round, participant, place, method));
                    if (spread)
                        csv.Append(',').Append(Spread(round, place, method));
                    csv.Append('\n');
                }
            }
        }
        return csv.ToString();
    }

    static string[] Fields(PaidRoundHistory round, string participant, int? place, string method)
    {
        string number = round.Opened.Round.ToString(CultureInfo.InvariantCulture);
        string payout = (place is { } paid ? round.Payouts.Payouts[paid].Amount : 0).ToString(CultureInfo.InvariantCulture);
        if (!round.Estimates.TryGetValue(method, out Estimate? estimate))
            return [number, participant, method, place is null ? "0" : "1", "", "", "", "", "", payout];
        if (place is not { } k)
            return [number, participant, method, "0", "0", "", "", "", "", payout];
        (double Low, double High)? interval = estimate.Interval(k);
        return
        [
            number, participant, method, "1",
            Number(estimate.Values[k]),
            estimate.IsSampled ? Number(estimate.SamplingErrors[k]) : "",
            estimate.UsesValidation ? Number(estimate.ValidationErrors[k]) : "",
            interval is { } low ? Number(low.Low) : "",
            interval is { } high ? Number(high.High) : "",
            payout,
        ];
    }

    static string Spread(PaidRoundHistory round, int? place, string method) =>
        place is { } k && round.Estimates.TryGetValue(method, out Estimate? estimate) && estimate.HasSpread
            ? Number(estimate.MemberDeviations[k])
            : "";

    static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
