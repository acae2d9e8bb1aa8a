using System.Globalization;

namespace FedValue.Cli.Reporting;

/// <summary>The stretch of numbers that an axis shows.</summary>
readonly record struct Extent(double Low, double High)
{
    const double Margin = 0.04;
    const int DecimalsMax = 9;

    /// <summary>Everything given, and zero, with a little room; never empty.</summary>
    public static Extent WithZero(IEnumerable<double> values)
    {
        double low = 0, high = 0;
        foreach (double value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low == high)
            return new Extent(-1, 1);
        double room = Margin * (high - low);
        return new Extent(low < 0 ? low - room : 0, high > 0 ? high + room : 0);
    }

    /// <summary>All values and the ends of their intervals, and zero.</summary>
    public static Extent Of(IEnumerable<RoundValue?> values) => WithZero(values.OfType<RoundValue>()
        .SelectMany(v => v.Interval is var (low, high) ? [v.Value, low, high] : new[] { v.Value }));

    /// <summary>Where a number lies: 0 at the low end, 1 at the high end, the middle where there is one number only.</summary>
    public double Place(double value) => High > Low ? (value - Low) / (High - Low) : 0.5;

    /// <summary>Round numbers inside, about so many; none where the axis is too long for a double.</summary>
    public IReadOnlyList<(double Value, string Text)> Ticks(int about)
    {
        if (!double.IsFinite(High - Low))
            return [];
        double step = Step((High - Low) / about);
        int decimals = 0;
        for (double s = step; s < 0.999 && decimals < DecimalsMax; s *= 10)
            decimals++;
        var ticks = new List<(double, string)>();
        // A little slack keeps a tick that rounding put just outside.
        for (double i = Math.Ceiling(Low / step - 1e-9); i * step <= High + 1e-9 * step; i++)
        {
            double tick = i * step;
            ticks.Add((tick, decimals < DecimalsMax ? Figures.Fixed(tick, decimals)
                : Figures.Minus(tick.ToString("0.#e+0", CultureInfo.InvariantCulture))));
        }
        return ticks;
    }

    /// <summary>Rounds to label on an axis from the first to the last, about so many; both ends are among them.</summary>
    public static IReadOnlyList<int> Rounds(int first, int last, int about)
    {
        int step = (int)Math.Max(1, Step((double)(last - first) / about));
        List<int> ticks = [first];
        for (int tick = (first / step + 1) * step; tick < last; tick += step)
        {
            if (2 * (tick - first) >= step && 2 * (last - tick) >= step)
                ticks.Add(tick);
        }
        if (last > first)
            ticks.Add(last);
        return ticks;
    }

    /// <summary>The smallest of 1, 2, 5 times a power of ten that is not below.</summary>
    static double Step(double atLeast)
    {
        if (!(atLeast > 0))
            return 1;
        double power = 1;
        while (power * 10 <= atLeast)
            power *= 10;
        while (power > atLeast)
            power /= 10;
        return power * (atLeast <= power ? 1 : atLeast <= 2 * power ? 2 : atLeast <= 5 * power ? 5 : 10);
    }
}
