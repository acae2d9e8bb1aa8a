using System.Xml.Linq;
using FedValue.Valuation.Uncertainty;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>What the words mean, and what this report does not say.</summary>
static class ReadingSection
{
    public static XElement Of(ReportView view) => Tag("section.reading", At("id", "reading"),
        Tag("h2", "How to read this"),
        Tag("dl", Terms(view).Select(term => Tag("div", Tag("dt", term.Word), Tag("dd", term.Meaning)))),
        Tag("h3", "What this report does not claim"),
        Tag("ul", Limits().Select(limit => Tag("li", limit))));

    static IEnumerable<(string Word, string Meaning)> Terms(ReportView view)
    {
        yield return ("Value", $"""
            What a participant's update of a round was worth by the method named beside it. Higher is better; below zero, the method says
            that the round was better off without it. Measured games count the change of {Unit(view)}. Values of rounds add up; a missed
            round adds nothing.
            """);
        yield return ("95 % interval", $"""
            The value ± {Figures.Fixed(Estimate.Quantile, 2)} standard errors, where two errors are added as squares. Sampling error: a
            method that draws random orders of participants would have drawn others with another seed. Validation error: the validation
            rows lie in {Jackknife.Blocks} blocks, everything is computed again without each of them, and the jackknife turns the spread
            of these results into a standard error. Totals are treated in the same way, because all rounds share one set of validation
            rows.
            """);
        if (view.History.TotalRule.Description is { } rule)
        {
            yield return ("Total", $"""
                In this run a sum over rounds by a rule: {rule}. Intervals are moved and scaled with their values; what a round is moved and
                scaled by counts as known. Values on the ledger and payouts are as without it.
                """);
        }
        yield return ("No interval", """
            The method uses neither validation rows nor sampling. Its numbers are exact for its own formula, which says nothing about how
            well that formula speaks for contribution.
            """);
        if (view.Summary.Counterfactual is not null)
        {
            yield return ("Spread over aggregators", """
                The standard deviation of a value over the aggregators it was measured under, for the same updates. It says how much of the value
                is the choice of the aggregator. It is no part of the 95 % interval: a choice is not an error of measurement.
                """);
        }
        yield return ("Payout weight", view.MethodPays
            ? """
              A value below zero counts as zero; the rest are scaled to whole numbers by shifting bits. The budget is divided in that
              proportion, and whole minor units that remain go to the largest remainders, so that payouts and what is unallocated sum to
              the budget exactly.
              """
            : """
              The payment policy of this run looks at no value. Whole minor units that remain after the division go to the largest
              remainders, so that payouts sum to the budget exactly.
              """);
        yield return ("Unallocated", """
            The budget of rounds in which no weight was positive, where the terms leave it unspent. It is owed to nobody.
            """);
        yield return ("Axioms", """
            Efficiency: values sum to the gain of all together. Symmetry: who is interchangeable gets the same. Null player: who changes
            nothing gets zero. Linearity: values of summed games are sums of values. All four together leave only the Shapley value.
            """);
        yield return ("Exact", """
            Shapley values from the measured utility of every coalition. The yardstick here because it does not approximate, not because
            its game is the only sensible one.
            """);
    }

    static string Unit(ReportView view) => view.History.Created.Terms.Utility == "validation-accuracy"
        ? "the share of validation rows classified correctly"
        : "the mean validation loss, in nats, with a fall counting as positive";

    static string[] Limits() =>
    [
        """
        Value is not honesty. A low value can be rare data or bad luck, and a high one does not rule out manipulation: anomalies are a
        question of their own.
        """,
        "Numbers of examples are what participants say about themselves. Nothing here proves them.",
        """
        Intervals cover the choice of validation rows and the sampling of orders. They do not cover another division of the data, other
        training randomness or another model: run again with other seeds for those.
        """,
        "Values depend on the validation rows. A participant with good data for something that these rows do not ask is worth little here.",
        """
        A clean audit proves that the ledger follows from its inputs and has not been changed since you kept its root. It does not prove
        that the inputs were true.
        """,
    ];
}
