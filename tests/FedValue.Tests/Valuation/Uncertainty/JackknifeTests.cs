using FedValue.Kernels.Randomness;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Uncertainty;

public sealed class JackknifeTests
{
    [Fact]
    public void An_example_by_hand()
    {
        // Replicates 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9 = 14, times 3/4 = 10.5. The second column does not vary.
        double[][] replicates = [[1, 5], [2, 5], [3, 5], [6, 5]];
        Close.Equal([Math.Sqrt(10.5), 0], Jackknife.StandardErrors(replicates, 2));
    }

    [Fact]
    public void The_error_of_a_mean_is_the_one_everybody_knows()
    {
        // Leaving out one number at a time gives the standard deviation divided by the square root of their number, exactly.
        double[] numbers = BruteForce.RandomGame(4, 1);
        double[][] without = [.. numbers.Select(number => (double[])[(numbers.Sum() - number) / (numbers.Length - 1)])];
        double mean = numbers.Average(), variance = numbers.Sum(number => (number - mean) * (number - mean)) / (numbers.Length - 1);
        Close.Equal([Math.Sqrt(variance / numbers.Length)], Jackknife.StandardErrors(without, 1));
    }

    [Fact]
    public void Blocks_hold_every_row_once_in_order_and_differ_by_at_most_one_row()
    {
        foreach (int rows in new[] { 0, 1, 19, 20, 21, 39, 40, 200, 1797, 10_000, 150_000_000 })
        {
            int next = 0, smallest = int.MaxValue, largest = 0;
            for (int block = 0; block < Jackknife.Blocks; block++)
            {
                (int first, int end) = Jackknife.RowsOf(block, rows);
                Assert.Equal(next, first);
                next = end;
                (smallest, largest) = (Math.Min(smallest, end - first), Math.Max(largest, end - first));
            }
            Assert.Equal(rows, next);
            Assert.InRange(largest - smallest, 0, 1);
        }
    }

    /// <summary>
    /// A game of two players whose utility of a coalition is the mean over validation rows of random numbers with known expectations. The
    /// jackknife interval of the exact Shapley values has 20 blocks, so 19 degrees of freedom, and covers 95 %: among 3,000 repetitions the
    /// share has a standard deviation of at most 0.004, so that [0.93, 0.99] fails with a probability below 1e-6.
    /// </summary>
    [Fact]
    public void The_interval_of_validation_noise_covers_the_true_value_as_often_as_it_says()
    {
        const int repetitions = 3000, rows = 100;
        double[] expectations = [0, 1, 2, 4];
        double[] exact = BruteForce.Shapley(expectations);
        int covered = 0;
        for (uint repetition = 0; repetition < repetitions; repetition++)
        {
            var random = new RandomStream(seed: 77, RandomPurpose.Split, repetition);
            double[][] measured = [.. expectations.Select(mean => Draw(rows, () => mean + random.NextNormal()))];
            CoalitionTable table = new TableGame(2, mask => Columns(measured[mask])).Table();
            double[][] values = [.. Enumerable.Range(0, table.Columns).Select(column => Semivalue.Shapley(2).Values(table, column))];
            var estimate = Estimate.FromValidation(values[0], values[1..]);
            for (int j = 0; j < 2; j++)
            {
                (double low, double high) = estimate.Interval(j)!.Value;
                covered += low <= exact[j] && exact[j] <= high ? 1 : 0;
            }
        }
        Assert.InRange(covered / (2.0 * repetitions), 0.93, 0.99);
    }

    static double[] Draw(int count, Func<double> next) => [.. Enumerable.Range(0, count).Select(_ => next())];

    /// <summary>The mean of all rows, then without each block.</summary>
    static double[] Columns(double[] rows) =>
    [
        rows.Average(),
        .. Enumerable.Range(0, Jackknife.Blocks).Select(block =>
        {
            (int first, int end) = Jackknife.RowsOf(block, rows.Length);
            return rows.Where((_, row) => row < first || row >= end).Average();
        }),
    ];
}
