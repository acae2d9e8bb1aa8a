using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class LanesTests
{
    static readonly int[] Lengths = [.. Enumerable.Range(0, 34).Select(i => 8 * i), 2040, 2048];

    [Fact]
    public void An_inner_product_has_the_documented_bits_from_every_starting_place()
    {
        foreach (int length in Lengths)
        {
            double[] a = Samples.Doubles(length + 16, 0), b = Samples.Doubles(length + 16, 1);
            for (int offset = 0; offset < 16; offset++)
            {
                ReadOnlySpan<double> left = a.AsSpan(offset, length), right = b.AsSpan(15 - offset, length);
                Bits.Equal([LaneContract.Tile(left, right)], [Lanes.Dot(left, right)], $"length {length} from {offset}");
            }
        }
    }

    [Fact]
    public void Four_inner_products_at_once_have_the_bits_of_one_at_a_time()
    {
        foreach (int length in Lengths)
        {
            double[] x = Samples.Doubles(length + 64, 2);
            for (int offset = 0; offset < 16; offset++)
            {
                ReadOnlySpan<double> a = x.AsSpan(offset, length), b = x.AsSpan(offset + 7, length);
                ReadOnlySpan<double> c = x.AsSpan(2 * offset + 1, length), d = x.AsSpan(47 - offset, length);
                (double ac, double ad, double bc, double bd) = Lanes.Dot2X2(a, b, c, d);
                Bits.Equal([Lanes.Dot(a, c), Lanes.Dot(a, d), Lanes.Dot(b, c), Lanes.Dot(b, d)], [ac, ad, bc, bd],
                    $"length {length} from {offset}");
            }
        }
    }

    [Fact]
    public void An_inner_product_is_the_same_from_both_sides_and_near_the_plain_sum()
    {
        foreach (int length in Lengths)
        {
            double[] a = Samples.Doubles(length, 3), b = Samples.Doubles(length, 4);
            double dot = Lanes.Dot(a, b);
            Bits.Equal([dot], [Lanes.Dot(b, a)], $"length {length}");
            Assert.True(Math.Abs(dot - Reference.Dot(a, b)) <= Reference.DotTolerance(a, b));
        }
    }

    [Fact]
    public void The_other_vector_may_be_longer_but_not_shorter()
    {
        double[] a = Samples.Doubles(16, 5), b = Samples.Doubles(24, 6);
        Bits.Equal([LaneContract.Tile(a, b.AsSpan(0, 16))], [Lanes.Dot(a, b)], "16 of 24");
        Assert.Throws<ArgumentOutOfRangeException>(() => Lanes.Dot(b, a));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lanes.AddScaled(1, b, a));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lanes.Dot2X2(b, b, b, a).AC);
    }

    [Fact]
    public void Adding_a_scaled_row_rounds_product_and_sum_separately_and_leaves_the_rest_alone()
    {
        foreach (int length in Lengths)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                double[] row = Samples.Doubles(length + 16, 7), sum = Samples.Doubles(length + 32, 8), expected = [.. sum];
                for (int i = 0; i < length; i++)
                {
                    double product = -1.3 * row[offset + i];
                    expected[15 - offset + i] += product;
                }
                Lanes.AddScaled(-1.3, row.AsSpan(offset, length), sum.AsSpan(15 - offset));
                Bits.Equal(expected, sum, $"length {length} from {offset}");
            }
        }
    }
}
