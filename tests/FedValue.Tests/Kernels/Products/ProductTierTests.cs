using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Products;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Products;

/// <summary>Every way to a product, each called by name: a machine without the vectors computes them in software, with the same bits.</summary>
public sealed class ProductTierTests
{
    delegate void Product(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n);

    static Product Get(string way) => way switch
    {
        "512" => Packed<Kernel512>,
        "256" => Packed<Kernel256>,
        "128" => Packed<Kernel128>,
        _ => Direct,
    };

    static void Direct(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n) =>
        DirectProduct.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n);

    static void Packed<TKernel>(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
        where TKernel : struct, IRegisterKernel =>
        PackedProduct<TKernel>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n);

    /// <summary>As elements are independent chains, one table of 70 x 70 sums per depth holds the result of every smaller shape.</summary>
    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("direct")]
    public void Every_height_and_width_to_70_has_the_bits_of_the_scalar_chain(string way)
    {
        const int max = 70, stride = 73;
        Product product = Get(way);
        float[] a = Samples.Singles(max * stride, 1), b = Samples.Singles(max * stride, 2), before = Samples.Singles(max * stride, 3);
        float[] expected = [.. before], c = new float[before.Length];
        for (int k = 0; k <= max; k++)
        {
            if (k > 0)
                ScalarProduct.MultiplyAdd(a.AsSpan(k - 1), stride, b.AsSpan((k - 1) * stride), stride, expected, stride, max, 1, max);
            for (int m = 0; m <= max; m++)
            {
                for (int n = (m + k) % 23; n <= max; n += 23) // over all depths, every pair of height and width some three times
                {
                    before.CopyTo(c, 0);
                    product(a, stride, b, stride, c, stride, m, k, n);
                    for (int row = 0; row < max; row++)
                    {
                        ReadOnlySpan<float> actual = c.AsSpan(row * stride, stride);
                        int inside = row < m ? n : 0;
                        Assert.True(ScalarProduct.SameBits(expected.AsSpan(row * stride, inside), actual[..inside])
                            && ScalarProduct.SameBits(before.AsSpan(row * stride + inside, stride - inside), actual[inside..]),
                            $"{m} x {k} x {n}: row {row} differs, or what lies beside it was touched.");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("direct")]
    public void Shapes_beyond_the_blocks_have_the_bits_of_the_scalar_chain(string way)
    {
        foreach ((int m, int k, int n) in new[] { (3, 1023, 5), (17, 1025, 35), (5, 2051, 18), (229, 7, 37), (3, 5, 2083), (113, 1, 33) })
        {
            int strideA = k + 1, strideB = n + 2, strideC = n + 3;
            float[] a = Samples.Singles(m * strideA, 1), b = Samples.Singles(k * strideB, 2), c = Samples.Singles(m * strideC, 3);
            float[] expected = [.. c];
            ScalarProduct.MultiplyAdd(a, strideA, b, strideB, expected, strideC, m, k, n);
            Get(way)(a, strideA, b, strideB, c, strideC, m, k, n);
            Assert.True(ScalarProduct.SameBits(expected, c), $"{m} x {k} x {n}");
        }
    }

    [Theory]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("direct")]
    public void A_NaN_or_an_infinity_reaches_its_row_or_column_and_no_other(string way)
    {
        const int m = 19, k = 11, n = 45;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (int place = 0; place < m * k; place += 7)
            {
                float[] a = Samples.Singles(m * k, 1), c = new float[m * n];
                a[place] = bad;
                Get(way)(a, k, Samples.Singles(k * n, 2), n, c, n, m, k, n);
                for (int i = 0; i < c.Length; i++)
                    Assert.Equal(i / n == place / k, !float.IsFinite(c[i]));
            }
            for (int place = 0; place < k * n; place += 17)
            {
                float[] b = Samples.Singles(k * n, 2), c = new float[m * n];
                b[place] = bad;
                Get(way)(Samples.Singles(m * k, 1), k, b, n, c, n, m, k, n);
                for (int i = 0; i < c.Length; i++)
                    Assert.Equal(i % n == place % n, !float.IsFinite(c[i]));
            }
        }
    }

    [TheoryWithGuardPages]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("direct")]
    public void Nothing_outside_is_touched(string way)
    {
        using GuardedMemory<float> a = new(2000), b = new(4000), c = new(4000);
        foreach (int m in new[] { 1, 2, 3, 5, 6, 7, 11, 13, 14, 15, 29 })
        {
            foreach (int n in new[] { 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65 })
            {
                foreach (int k in new[] { 1, 3, 4, 5, 7, 8, 9, 17 })
                {
                    int strideA = k + m % 3, strideB = n + k % 3, strideC = n + n % 3;
                    float[] left = Samples.Singles((m - 1) * strideA + k, 1), right = Samples.Singles((k - 1) * strideB + n, 2);
                    float[] sum = Samples.Singles((m - 1) * strideC + n, 3), expected = [.. sum];
                    ScalarProduct.MultiplyAdd(left, strideA, right, strideB, expected, strideC, m, k, n);

                    Span<float> result = c.AtStart(sum);
                    Get(way)(a.AtStart(left), strideA, b.AtStart(right), strideB, result, strideC, m, k, n);
                    Assert.True(ScalarProduct.SameBits(expected, result), $"{m} x {k} x {n}, from the start");
                    result = c.AtEnd(sum);
                    Get(way)(a.AtEnd(left), strideA, b.AtEnd(right), strideB, result, strideC, m, k, n);
                    Assert.True(ScalarProduct.SameBits(expected, result), $"{m} x {k} x {n}, to the end");
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Threads_change_no_bit(int threads)
    {
        foreach ((int m, int k, int n) in new[] { (0, 3, 3), (3, 0, 3), (1, 1, 1), (13, 40, 33), (131, 1030, 70), (700, 50, 40), (7, 5, 2100) })
        {
            float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), c = Samples.Singles(m * n, 3), expected = [.. c];
            float[] narrow = [.. c], wide = [.. c];
            DirectProduct.MultiplyAdd(a, k, b, n, expected, n, m, k, n);
            MatrixProduct.MultiplyAdd(a, k, b, n, c, n, m, k, n, threads);
            PackedProduct<Kernel256>.MultiplyAdd(a, k, b, n, narrow, n, m, k, n, threads);
            PackedProduct<Kernel512>.MultiplyAdd(a, k, b, n, wide, n, m, k, n, threads);
            Assert.True(ScalarProduct.SameBits(expected, c), $"{m} x {k} x {n}");
            Assert.True(ScalarProduct.SameBits(expected, narrow), $"{m} x {k} x {n}, 256 bits");
            Assert.True(ScalarProduct.SameBits(expected, wide), $"{m} x {k} x {n}, 512 bits");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_fresh_product_does_not_read_C_and_has_the_bits_of_adding_to_zeros(int threads)
    {
        foreach ((int m, int k, int n) in new[] { (3, 0, 3), (1, 1, 1), (13, 40, 33), (131, 1030, 70), (60, 1500, 50), (7, 5, 2100) })
        {
            float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), expected = new float[m * n];
            DirectProduct.MultiplyAdd(a, k, b, n, expected, n, m, k, n);
            float[] c = [.. Enumerable.Repeat(float.NaN, m * n)], narrow = [.. c], wide = [.. c];
            MatrixProduct.Multiply(a, k, b, n, c, n, m, k, n, threads);
            Assert.True(ScalarProduct.SameBits(expected, c), $"{m} x {k} x {n}");
            float[] direct = [.. Enumerable.Repeat(float.NaN, m * n)];
            DirectProduct.MultiplyAdd(a, k, b, n, direct, n, m, k, n, fresh: true);
            Assert.True(ScalarProduct.SameBits(expected, direct), $"{m} x {k} x {n}, direct");
            if (k == 0)
                continue; // the packed products leave that to their callers
            PackedProduct<Kernel256>.MultiplyAdd(a, k, b, n, narrow, n, m, k, n, threads, fresh: true);
            PackedProduct<Kernel512>.MultiplyAdd(a.AsSpan(), k, b, n, wide, n, m, k, n, fresh: true);
            Assert.True(ScalarProduct.SameBits(expected, narrow), $"{m} x {k} x {n}, 256 bits");
            Assert.True(ScalarProduct.SameBits(expected, wide), $"{m} x {k} x {n}, 512 bits");
        }
    }

    [Fact]
    public void Products_on_threads_refuse_what_does_not_fit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.MultiplyAdd(new float[1], 1, new float[1], 1, new float[1], 1, 1, 1, 1, 0));
        Assert.StartsWith("A 2 x 3 matrix of stride 3 needs 6 elements, but 5 came.", Assert.Throws<ArgumentException>(
            () => MatrixProduct.MultiplyAdd(new float[5], 3, new float[3], 1, new float[2], 1, 2, 3, 1, 2)).Message);
    }
}
