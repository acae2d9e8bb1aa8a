using System.Globalization;
using FedValue.Valuation.Uncertainty;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Rounds;

/// <summary>What is done to the values of a round before they enter a total.</summary>
public enum RoundNormalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Divided by the size of the validation loss that the round took away or added; a round that did neither is left out.</summary>
    LossDrop,

    /// <summary>Divided by their Euclidean norm.</summary>
    UnitL2,

    /// <summary>Moved and scaled to 0 for the least and 1 for the most; who is absent gets 0 like the least.</summary>
    MinMax,
}

/// <summary>
/// How values of rounds make a total. It changes totals only: values on the ledger stay as the methods gave them, and payouts follow those.
/// </summary>
/// <param name="Halting">R: round t = 0, 1, ... weighs (R - t) / R, and nothing from R on (arXiv 2405.08044, equation 2); null: all weigh 1.</param>
/// <param name="Normalization">What is done to the values of a round first.</param>
public sealed record TotalRule(int? Halting, RoundNormalization Normalization)
{
    const string HaltingPrefix = "halting:";

    static readonly (string Name, RoundNormalization Kind, string Words)[] Normalizations =
    [
        ("none", RoundNormalization.None, ""),
        ("loss-drop", RoundNormalization.LossDrop, "values divided by the round's change of validation loss"),
        ("unit-l2", RoundNormalization.UnitL2, "values scaled to norm 1 in each round"),
        ("min-max", RoundNormalization.MinMax, "values scaled to 0 to 1 in each round"),
    ];

    /// <summary>The plain sum.</summary>
    public static TotalRule Plain { get; } = new(null, RoundNormalization.None);

    /// <summary>What was done to the values, in words; null for the plain sum.</summary>
    public string? Description
    {
        get
        {
            string words = Normalizations.First(n => n.Kind == Normalization).Words;
            string weights = Halting is { } r ? string.Create(CultureInfo.InvariantCulture, $"rounds weighted {r}/{r}, {r - 1}/{r}, ... 0") : "";
            string both = string.Join(", ", new[] { words, weights }.Where(part => part != ""));
            return both == "" ? null : both;
        }
    }

    /// <summary>Reads <c>equal</c> or <c>halting:R</c>, and <c>none</c>, <c>loss-drop</c>, <c>unit-l2</c> or <c>min-max</c>.</summary>
    /// <exception cref="FormatException">Something else came.</exception>
    public static TotalRule Parse(string weights, string normalization)
    {
        int? halting = null;
        if (weights != "equal")
        {
            bool isNumber = weights.StartsWith(HaltingPrefix, StringComparison.Ordinal);
            int rounds = 0;
            isNumber = isNumber && TypedNumber.TryParse(weights[HaltingPrefix.Length..], NumberStyles.None, out rounds);
            halting = isNumber && rounds >= 1 ? rounds
                : throw new FormatException(
                    $"Round weights are 'equal' or 'halting:R' with a whole number R of rounds from 1 on, but '{weights}' came.");
        }
        var (name, kind, _) = Normalizations.FirstOrDefault(n => n.Name == normalization);
        return name is not null ? new TotalRule(halting, kind)
            : throw new FormatException(
                $"A round normalization is one of {string.Join(", ", Normalizations.Select(n => n.Name))}, but '{normalization}' came.");
    }

    /// <summary>A round's values as they enter the total; null for a round that does not count.</summary>
    /// <param name="values">The values as the method gave them.</param>
    /// <param name="round">The round's number, from 1.</param>
    /// <param name="lossDrop">The validation loss that the round took away; only read by <see cref="RoundNormalization.LossDrop"/>.</param>
    public Estimate? Entering(Estimate values, int round, double lossDrop)
    {
        double weight = Halting is { } r ? Math.Max(0, (double)r - (round - 1)) / r : 1;
        if (!(weight > 0) || (Normalization == RoundNormalization.LossDrop && !(Math.Abs(lossDrop) > 0)))
            return null;
        return this == Plain ? values : values.Moved(own =>
        {
            (double shift, double size) = Frame(own, lossDrop);
            return (shift, weight / size);
        });
    }

    /// <summary>What values are moved and divided by; the change of the loss counts as known, everything else is measured on the values.</summary>
    (double Shift, double Size) Frame(IReadOnlyList<double> values, double lossDrop) => Normalization switch
    {
        RoundNormalization.LossDrop => (0, Math.Abs(lossDrop)),
        RoundNormalization.UnitL2 => (0, OneForZero(Norm(values))),
        RoundNormalization.MinMax when values.Count > 0 => (values.Min(), OneForZero(values.Max() - values.Min())),
        _ => (0, 1),
    };

    static double Norm(IReadOnlyList<double> values)
    {
        double squares = 0;
        foreach (double value in values)
            squares += value * value;
        return Math.Sqrt(squares);
    }

    /// <summary>Values without size stay what they are.</summary>
    static double OneForZero(double size) => size > 0 ? size : 1;
}
