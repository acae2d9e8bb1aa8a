using System.Globalization;
using FedValue.Valuation.Specs;

namespace FedValue.Valuation.Sampling;

/// <summary>
/// When a sampled method may stop, as text: terms <c>NAME:NUMBER</c>, all of those joined by <c>&amp;</c>, any of those joined by <c>|</c>
/// (<c>&amp;</c> binds tighter), for example <c>relative-error:0.05&amp;rank-stable:3|evaluations:5000</c>. It is tested between batches of
/// 16 permutations, so a budget may be passed by one batch. <c>time:SECONDS</c> counts from where the method began in this round.
/// </summary>
public sealed class StopCondition
{
    const string Permutations = "permutations";
    const string Evaluations = "evaluations";
    const string AbsoluteError = "absolute-error";
    const string RelativeError = "relative-error";
    const string RankStable = "rank-stable";
    const string Time = "time";

    static readonly Setting[] Known =
    [
        Setting.Count(Permutations, 0, smallest: 2), Setting.Count(Evaluations, 0, smallest: 1),
        Setting.NotNegative(AbsoluteError, 0), Setting.NotNegative(RelativeError, 0), Setting.Count(RankStable, 0, smallest: 1),
        Setting.Positive(Time, 1),
    ];

    readonly Term[][] _alternatives;

    StopCondition(Term[][] alternatives)
    {
        _alternatives = alternatives;
        Text = string.Join('|', alternatives.Select(all => string.Join('&', all)));
        TimeLimits = [.. alternatives.SelectMany(all => all).Where(term => term.Name == Time).Select(term => term.Number)];
    }

    readonly record struct Term(string Name, double Number)
    {
        public bool IsBudget => Name is Permutations or Evaluations or Time;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Number}");

        public bool Holds(in SamplingProgress at) => Name switch
        {
            Permutations => at.Permutations >= Number,
            Evaluations => at.Evaluations >= Number,
            AbsoluteError => at.LargestError <= Number,
            RelativeError => at.LargestError <= Number * at.LargestValue,
            Time => at.Seconds >= Number,
            _ => at.StableBatches >= Number,
        };
    }

    /// <summary>The one spelling.</summary>
    public string Text { get; }

    /// <summary>Whether a term asks for the time, so that what is drawn depends on the machine.</summary>
    public bool HasTimeLimit => TimeLimits.Count > 0;

    /// <summary>The numbers of its time terms, in seconds.</summary>
    internal IReadOnlyList<double> TimeLimits { get; }

    /// <summary>Reads a condition.</summary>
    /// <exception cref="FormatException">An unknown term, or a number out of range.</exception>
    public static StopCondition Parse(string text) =>
        new([.. text.Split('|').Select(all => all.Split('&').Select(term => ParseTerm(term.Trim())).ToArray())]);

    static Term ParseTerm(string text)
    {
        string[] pair = text.Split(':');
        Setting known = pair.Length == 2 && Known.FirstOrDefault(setting => setting.Name == pair[0]) is { } found ? found
            : throw new FormatException("A stop condition is made of " + string.Join(", ", Known.Select(setting => setting.Name + ":NUMBER")) +
                $", joined by '&' (all of them) and '|' (any of them), but '{text}' came.");
        return TypedNumber.TryParse(pair[1], NumberStyles.Float, out double number)
            && double.IsFinite(number) && known.Allows(number)
            ? new Term(known.Name, number + 0.0) // -0 becomes 0: one spelling
            : throw new FormatException($"'{known.Name}' of a stop condition must be {known.Range}, but '{pair[1]}' came.");
    }

    /// <summary>Whether to stop; converged when an alternative holds that asks for more than a budget.</summary>
    internal (bool Stop, bool Converged) Judge(in SamplingProgress at)
    {
        bool stop = false, converged = false;
        foreach (Term[] all in _alternatives)
        {
            bool holds = true, budget = true;
            foreach (Term term in all)
            {
                holds &= term.Holds(at);
                budget &= term.IsBudget;
            }
            stop |= holds;
            converged |= holds && !budget;
        }
        return (stop, converged);
    }
}

/// <summary>Where a sampled method stands after a batch.</summary>
/// <param name="Permutations">Drawn so far.</param>
/// <param name="Evaluations">Distinct coalitions measured so far.</param>
/// <param name="LargestValue">The largest absolute value.</param>
/// <param name="LargestError">The largest standard error.</param>
/// <param name="StableBatches">How many batches in a row have left the ranking as it was.</param>
/// <param name="Seconds">Since the method began.</param>
readonly record struct SamplingProgress(
    long Permutations, long Evaluations, double LargestValue, double LargestError, int StableBatches, double Seconds = 0);
