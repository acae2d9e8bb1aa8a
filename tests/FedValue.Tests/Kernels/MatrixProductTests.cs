using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

public sealed class MatrixProductTests
{
    static void AssertChain(int m, int k, int n, int extraA, int extraB, int extraC, int offset = 0)
    {
        int strideA = k + extraA, strideB = n + extraB, strideC = n + extraC;
        float[] a = Samples.Singles(offset + m * strideA, 1), b = Samples.Singles(offset + k * strideB, 2);
        float[] c = Samples.Singles(offset + m * strideC + 3, 3), expected = [.. c]; // what lies between and after the rows must stay
        ScalarProduct.MultiplyAdd(a.AsSpan(offset), strideA, b.AsSpan(offset), strideB, expected.AsSpan(offset), strideC, m, k, n);
        MatrixProduct.MultiplyAdd(a.AsSpan(offset), strideA, b.AsSpan(offset), strideB, c.AsSpan(offset), strideC, m, k, n);
        if (!ScalarProduct.SameBits(expected, c))
            Bits.Equal(expected, c, $"{m} x {k} x {n}, strides {strideA}, {strideB}, {strideC}, from {offset}");
    }

    [Fact]
    public void Every_small_shape_has_the_bits_of_the_scalar_chain_and_leaves_the_padding_alone()
    {
        for (int m = 0; m <= 20; m++)
        {
            for (int k = 0; k <= 20; k++)
            {
                for (int n = 0; n <= 20; n++)
                {
                    AssertChain(m, k, n, 0, 0, 0);
                    AssertChain(m, k, n, 1 + n % 3, 1 + m % 3, 1 + k % 3);
                }
            }
        }
    }

    [Fact]
    public void Random_larger_shapes_have_the_bits_of_the_scalar_chain_from_every_starting_place()
    {
        var random = new RandomStream(seed: 7, RandomPurpose.Split);
        for (int i = 0; i < 64; i++)
        {
            AssertChain(1 + random.NextInteger(40), 1 + random.NextInteger(200), 1 + random.NextInteger(90),
                random.NextInteger(5), random.NextInteger(5), random.NextInteger(5), offset: i % 16);
        }
        foreach (int n in Enumerable.Range(0, 258))
            AssertChain(5, 3, n, 0, 0, 0);
        foreach (int k in Enumerable.Range(0, 258))
            AssertChain(5, k, 25, 0, 0, 0);
    }

    [Fact]
    public void Cutting_k_anywhere_gives_the_same_bits()
    {
        const int m = 9, k = 50, n = 37;
        float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), c = Samples.Singles(m * n, 3), whole = [.. c];
        MatrixProduct.MultiplyAdd(a, k, b, n, whole, n, m, k, n);
        for (int cut = 0; cut <= k; cut++)
        {
            float[] parts = [.. c];
            MatrixProduct.MultiplyAdd(a, k, b, n, parts, n, m, cut, n);
            MatrixProduct.MultiplyAdd(a.AsSpan(cut), k, b.AsSpan(cut * n), n, parts, n, m, k - cut, n);
            Bits.Equal(whole, parts, $"cut at {cut}");
        }
    }

    [Fact]
    public void The_product_is_near_the_product_in_double()
    {
        const int m = 33, k = 257, n = 50;
        float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), c = new float[m * n];
        MatrixProduct.MultiplyAdd(a, k, b, n, c, n, m, k, n);
        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < n; column++)
            {
                double sum = 0, magnitude = 0;
                for (int i = 0; i < k; i++)
                {
                    double product = (double)a[row * k + i] * b[i * n + column];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                double tolerance = (k + 1) * Math.ScaleB(1, -24) * magnitude; // k roundings of at most half an fp32 ulp of a partial sum
                float element = c[row * n + column];
                Assert.True(Math.Abs(sum - element) <= tolerance, $"Element ({row}, {column}) is {element}, not {sum}.");
            }
        }
    }

    [Fact]
    public void A_NaN_spoils_its_row_and_no_other()
    {
        const int m = 6, k = 7, n = 19;
        float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), c = new float[m * n];
        a[4 * k + 3] = float.NaN;
        MatrixProduct.MultiplyAdd(a, k, b, n, c, n, m, k, n);
        for (int i = 0; i < c.Length; i++)
            Assert.Equal(i / n == 4, float.IsNaN(c[i]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_sentence()
    {
        void Refused(string sentence, int a, int strideA, int b, int strideB, int c, int strideC) =>
            Assert.StartsWith(sentence, Assert.Throws<ArgumentException>(() =>
                MatrixProduct.MultiplyAdd(new float[a], strideA, new float[b], strideB, new float[c], strideC, 3, 4, 5)).Message);

        Refused("A 3 x 4 matrix of stride 4 needs 12 elements, but 11 came.", 11, 4, 20, 5, 15, 5);
        Refused("A 4 x 5 matrix of stride 6 needs 23 elements, but 22 came.", 12, 4, 22, 6, 15, 5);
        Refused("A 3 x 5 matrix of stride 5 needs 15 elements, but 14 came.", 12, 4, 20, 5, 14, 5);
        Refused("Rows of 4 elements need a stride of at least 4, but 3 came.", 12, 3, 20, 5, 15, 5);
    }
}
