using System.Runtime.InteropServices;

namespace FedValue.Tests.Kernels.Support;

/// <summary>The matrix product as its promise reads: every element one chain of fused multiply-adds in ascending k, from what C held.</summary>
static class ScalarProduct
{
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < n; column++)
            {
                float sum = c[row * strideC + column];
                for (int i = 0; i < k; i++)
                    sum = float.FusedMultiplyAdd(a[row * strideA + i], b[i * strideB + column], sum);
                c[row * strideC + column] = sum;
            }
        }
    }

    /// <summary>Whether all bits are equal; fast, for many comparisons.</summary>
    public static bool SameBits(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        MemoryMarshal.Cast<float, int>(left).SequenceEqual(MemoryMarshal.Cast<float, int>(right));
}
