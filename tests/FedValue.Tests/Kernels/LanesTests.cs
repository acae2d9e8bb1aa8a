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
    }

    [Fact]
    public void Four_rows_at_once_have_the_bits_of_one_at_a_time_from_every_starting_place()
    {
        foreach (int length in Lengths)
        {
            float[] numbers = Samples.Singles(length + 64, 2);
            double[] vector = Samples.Doubles(length + 16, 3), coefficients = [-1.3, 0.7, 2.1, 0.3];
            for (int offset = 0; offset < 16; offset++)
            {
                int[] starts = [offset + 7, offset, 2 * offset + 1, 47 - offset];
                for (int count = 1; count <= 4; count++)
                    AssertRows(numbers, vector, coefficients, length, offset, starts, count);
            }
        }
    }

    static void AssertRows(
        float[] numbers, double[] vector, double[] coefficients, int length, int offset, int[] starts, int count)
    {
        string what = $"length {length} from {offset}, {count} rows";
        ReadOnlySpan<float> origin = numbers.AsSpan(15 - offset, length);
        int[] at = [.. Enumerable.Range(0, 4).Select(r => starts[Math.Min(r, count - 1)])];
        var rows = new FourRows(
            origin, numbers.AsSpan(at[0], length), numbers.AsSpan(at[1], length), numbers.AsSpan(at[2], length),
            numbers.AsSpan(at[3], length), count);
        ReadOnlySpan<double> other = vector.AsSpan(15 - offset, length);

        // One place more than there are rows: nothing may be written into it.
        double[] before = Samples.Doubles(length + 3, 8);
        double[] expectedSum = [.. before], expectedSquares = new double[count + 1], expectedProducts = new double[count + 1];
        for (int r = 0; r < count; r++)
        {
            var row = new double[length];
            for (int i = 0; i < length; i++)
            {
                row[i] = (double)numbers[at[r] + i] - origin[i];
                double product = coefficients[r] * row[i];
                expectedSum[i] += product;
            }
            expectedSquares[r] = LaneContract.Tile(row, row);
            expectedProducts[r] = LaneContract.Tile(row, other);
        }
        foreach (bool narrow in new[] { false, true })
        {
            what += narrow ? ", narrow" : "";
            double[] sum = [.. before], squares = new double[count + 1], products = new double[count + 1], projected = new double[count + 1];
            if (narrow)
                NarrowLanes.Gather(rows, coefficients.AsSpan(0, count), sum, squares, other, products);
            else
                Lanes.Gather(rows, coefficients.AsSpan(0, count), sum, squares, other, products);
            Bits.Equal(expectedSum, sum, what + ", sum");
            Bits.Equal(expectedSquares, squares, what + ", squares");
            Bits.Equal(expectedProducts, products, what + ", products");
            if (narrow)
                NarrowLanes.Project(rows, other, projected);
            else
                Lanes.Project(rows, other, projected);
            Bits.Equal(expectedProducts, projected, what + ", projected");
        }
    }
}
