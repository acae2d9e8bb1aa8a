using System.Globalization;

namespace FedValue.Cli.Reporting;

/// <summary>One number of decimals for all values that are compared with each other: the largest shows about four digits.</summary>
sealed class ValueFormat
{
    const int DecimalsMax = 8;

    readonly int _decimals;

    ValueFormat(int decimals) => _decimals = decimals;

    public static ValueFormat For(IEnumerable<double> values)
    {
        double largest = values.Select(Math.Abs).DefaultIfEmpty(0).Max();
        int decimals = 3;
        for (; largest >= 10 && decimals > 0; largest /= 10)
            decimals--;
        for (; largest is > 0 and < 1 && decimals <= DecimalsMax; largest *= 10)
            decimals++;
        return new ValueFormat(decimals);
    }

    public string Number(double value) => _decimals <= DecimalsMax
        ? Figures.Fixed(value, _decimals)
        : value == 0 ? "0" : Figures.Minus(value.ToString("0.00e+0", CultureInfo.InvariantCulture));

    /// <summary>Half the width of the interval, or that there is none.</summary>
    public string Half((double Low, double High)? interval) =>
        interval is { } known ? "± " + Number((known.High - known.Low) / 2) : Figures.NoInterval;

    public string Number(RoundValue? value) => value is { } known ? Number(known.Value) : Figures.None;

    public string Half(RoundValue? value) => value is { } known ? Half(known.Interval) : Figures.Absent;

    public string WithInterval(RoundValue? value) => value is not { } known ? Figures.Absent
        : Number(known.Value) + (known.Interval is null ? ", " : " ") + Half(known.Interval);
}
