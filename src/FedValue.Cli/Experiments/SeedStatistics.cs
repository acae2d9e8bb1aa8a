namespace FedValue.Cli.Experiments;

/// <summary>Numbers of several seeds in brief. Sums in the order of the seeds, so the same numbers give the same bits.</summary>
/// <param name="Count">How many seeds had one.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Median">Their median.</param>
/// <param name="Error">The standard error of the mean; null for a single one.</param>
sealed record SeedStatistics(int Count, double Mean, double Median, double? Error)
{
    /// <summary>Of the numbers that there are; null where there is none.</summary>
    public static SeedStatistics? Of(IEnumerable<double?> numbers)
    {
        double[] known = [.. numbers.OfType<double>()];
        if (known.Length == 0)
            return null;
        double sum = 0, squares = 0;
        foreach (double number in known)
            sum += number;
        double mean = sum / known.Length;
        foreach (double number in known)
            squares += (number - mean) * (number - mean);
        double[] sorted = [.. known.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new SeedStatistics(
            known.Length, mean, median, known.Length == 1 ? null : Math.Sqrt(squares / (known.Length - 1) / known.Length));
    }
}
