using Xunit;

namespace FedValue.Contracts.Kernels;

/// <summary>Equality to the bit: 0 is not -0, and a difference shows as hexadecimal.</summary>
public static class Bits
{
    /// <summary>Fails at the first element whose bits differ.</summary>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: expected {expected.Length} numbers, not {actual.Length}.");
        for (int i = 0; i < expected.Length; i++)
        {
            long left = BitConverter.DoubleToInt64Bits(expected[i]), right = BitConverter.DoubleToInt64Bits(actual[i]);
            Assert.True(left == right, $"{what}: element {i} should be {expected[i]:R} ({left:x16}), but is {actual[i]:R} ({right:x16}).");
        }
    }

    /// <summary>Fails at the first element whose bits differ.</summary>
    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: expected {expected.Length} numbers, not {actual.Length}.");
        for (int i = 0; i < expected.Length; i++)
        {
            int left = BitConverter.SingleToInt32Bits(expected[i]), right = BitConverter.SingleToInt32Bits(actual[i]);
            Assert.True(left == right, $"{what}: element {i} should be {expected[i]:R} ({left:x8}), but is {actual[i]:R} ({right:x8}).");
        }
    }
}
