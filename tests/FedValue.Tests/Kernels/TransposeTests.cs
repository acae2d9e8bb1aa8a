using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

public sealed class TransposeTests
{
    [Fact]
    public void Rows_become_columns_and_the_padding_stays()
    {
        for (int rows = 0; rows <= 20; rows++)
        {
            for (int columns = 0; columns <= 20; columns++)
            {
                int strideIn = columns + rows % 3, strideOut = rows + columns % 3;
                float[] input = Samples.Singles(rows * strideIn, 1), output = Samples.Singles(columns * strideOut, 2), before = [.. output];
                MatrixProduct.Transpose(input, strideIn, output, strideOut, rows, columns);
                for (int i = 0; i < output.Length; i++)
                {
                    (int column, int row) = (i / strideOut, i % strideOut);
                    Assert.Equal(row < rows ? input[row * strideIn + column] : before[i], output[i]);
                }
            }
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_sentence()
    {
        Assert.StartsWith("A 2 x 3 matrix of stride 3 needs 6 elements, but 5 came.",
            Assert.Throws<ArgumentException>(() => MatrixProduct.Transpose(new float[5], 3, new float[6], 2, 2, 3)).Message);
        Assert.StartsWith("A 3 x 2 matrix of stride 2 needs 6 elements, but 5 came.",
            Assert.Throws<ArgumentException>(() => MatrixProduct.Transpose(new float[6], 3, new float[5], 2, 2, 3)).Message);
    }

    [FactWithGuardPages]
    public void Products_and_transposes_stay_inside()
    {
        using GuardedMemory<float> a = new(2000), b = new(2000), c = new(2000);
        foreach (int m in new[] { 1, 3, 4, 5, 8, 9 })
        {
            foreach (int n in Enumerable.Range(1, 35))
            {
                foreach (int k in new[] { 1, 2, 7, 8, 16, 17 })
                {
                    int strideA = k + m % 3, strideB = n + k % 3, strideC = n + n % 3;
                    float[] left = Samples.Singles((m - 1) * strideA + k, 1), right = Samples.Singles((k - 1) * strideB + n, 2);
                    float[] sum = Samples.Singles((m - 1) * strideC + n, 3), expected = [.. sum], turned = new float[(k - 1) * m + m];
                    MatrixProduct.MultiplyAdd(left, strideA, right, strideB, expected, strideC, m, k, n);
                    MatrixProduct.Transpose(left, strideA, turned, m, m, k);

                    Span<float> result = c.AtStart(sum);
                    MatrixProduct.MultiplyAdd(a.AtStart(left), strideA, b.AtStart(right), strideB, result, strideC, m, k, n);
                    Bits.Equal(expected, result, $"{m} x {k} x {n}, from the start");
                    result = c.AtEnd(sum);
                    MatrixProduct.MultiplyAdd(a.AtEnd(left), strideA, b.AtEnd(right), strideB, result, strideC, m, k, n);
                    Bits.Equal(expected, result, $"{m} x {k} x {n}, to the end");

                    result = c.AtEnd(new float[turned.Length]);
                    MatrixProduct.Transpose(a.AtEnd(left), strideA, result, m, m, k);
                    Bits.Equal(turned, result, $"transpose of {m} x {k}");
                }
            }
        }
    }
}
