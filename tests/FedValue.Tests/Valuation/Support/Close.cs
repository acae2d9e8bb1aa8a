namespace FedValue.Tests.Valuation.Support;

/// <summary>Equality up to rounding.</summary>
static class Close
{
    /// <summary>Sums of at most 2^10 terms of order one in double: 2^10 roundings of 2^-53, and an order of magnitude.</summary>
    public const double Tolerance = 1e-12;

    /// <summary>Element by element, within the tolerance times the largest magnitude (at least 1).</summary>
    public static void Equal(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance = Tolerance, string what = "")
    {
        Assert.Equal(expected.Count, actual.Count);
        double scale = expected.Select(Math.Abs).Append(1).Max();
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"{what} element {i}: expected {expected[i]:R}, got {actual[i]:R}, of {string.Join(" ", actual)}.");
        }
    }

    public static void Equal(double expected, double actual, double tolerance = Tolerance, string what = "") =>
        Equal([expected], [actual], tolerance, what);
}
