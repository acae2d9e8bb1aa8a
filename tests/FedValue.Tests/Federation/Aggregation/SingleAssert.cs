namespace FedValue.Tests.Federation.Aggregation;

static class SingleAssert
{
    // Rules compute in double and round once to fp32: a double formula in another order differs by one fp32 rounding at most.
    const double OneRounding = 1.2e-7;

    public static void Close(IReadOnlyList<double> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected[i], actual[i], OneRounding * Math.Max(1, Math.Abs(expected[i])));
    }
}
