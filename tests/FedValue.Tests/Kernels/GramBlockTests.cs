using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class GramBlockTests
{
    [Fact]
    public void Lanes_kept_between_two_stretches_of_columns_give_the_bits_of_the_whole()
    {
        const int length = 264;
        foreach (int first in new[] { 0, 8, 72, 256, 264 })
        {
            for (int offset = 0; offset < 16; offset++)
            {
                const int stride = length + 3;
                double[] x = Samples.Doubles(8 * stride + 16, 1), lanes = new double[GramBlock.LanesLength];
                int left = offset, right = 4 * stride + 15 - offset;
                GramBlock.Add(x.AsSpan(left), x.AsSpan(right), stride, first, lanes);
                GramBlock.Add(x.AsSpan(left + first), x.AsSpan(right + first), stride, length - first, lanes);
                for (int i = 0; i < 16; i++)
                {
                    double[] l = lanes[(8 * i)..(8 * i + 8)];
                    double sum = ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
                    double expected = LaneContract.Tile(
                        x.AsSpan(left + i / 4 * stride, length), x.AsSpan(right + i % 4 * stride, length));
                    Bits.Equal([expected], [sum], $"product {i}, {first} columns first, from {offset}");
                }
            }
        }
    }

    [Fact]
    public void What_does_not_hold_four_rows_is_refused()
    {
        double[] four = new double[3 * 16 + 8], lanes = new double[GramBlock.LanesLength];
        GramBlock.Add(four, four, 16, 8, lanes);
        Assert.Throws<ArgumentOutOfRangeException>(() => GramBlock.Add(four.AsSpan(1), four, 16, 8, lanes));
        Assert.Throws<ArgumentOutOfRangeException>(() => GramBlock.Add(four, four.AsSpan(1), 16, 8, lanes));
        Assert.Throws<ArgumentOutOfRangeException>(() => GramBlock.Add(four, four, 16, 8, lanes.AsSpan(1)));
    }
}
