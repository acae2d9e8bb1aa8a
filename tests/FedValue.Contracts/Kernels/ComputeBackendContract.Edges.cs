using FedValue.Kernels;
using Xunit;

namespace FedValue.Contracts.Kernels;

/// <summary>Threads, other rows, numbers that are not finite, shapes that are empty or do not fit.</summary>
public abstract partial class ComputeBackendContract
{
    static readonly int[] ThreadCounts = [1, 2, 3, 7];

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        foreach (int d in new[] { 1, 2049, 40_000, 67_589 })
        {
            UpdateRows rows = Samples.Rows(5, d);
            double[] vector = Samples.Doubles(d, 3000), coefficients = Samples.Doubles(5, 5000);
            float[][] references = [Samples.Singles(d, 4000), Samples.Singles(d, 4001)];
            IComputeBackend one = Create(1);
            foreach (IComputeBackend backend in ThreadCounts.Select(Create))
            {
                string what = $"{backend.Threads} threads, {d} weights";
                RoundFigures expected = one.Read(rows, Everything(coefficients, vector));
                RoundFigures figures = backend.Read(rows, Everything(coefficients, vector));
                Bits.Equal(expected.AlongCombination, figures.AlongCombination, what);
                Bits.Equal(expected.SquaredNorms, figures.SquaredNorms, what);
                Bits.Equal(expected.Products[0], figures.Products[0], what);
                Bits.Equal(one.Gram(rows), backend.Gram(rows), what);
                Bits.Equal(one.InnerProducts(rows, vector), backend.InnerProducts(rows, vector), what);
                Bits.Equal(one.Measure(rows, 3, references), backend.Measure(rows, 3, references), what);
                Bits.Equal(one.Combine(rows, coefficients), backend.Combine(rows, coefficients), what);
            }
        }
    }

    [Fact]
    public void The_inner_product_of_two_updates_does_not_depend_on_the_other_rows_nor_on_their_order()
    {
        const int d = 4099;
        IComputeBackend backend = Create(2);
        float[] origin = Samples.Singles(d, 1000);
        float[][] models = Samples.Models(7, d);
        double[] gram = backend.Gram(new UpdateRows(origin, models));
        int[][] orders = [[6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 1, 5, 2, 4], [2, 5], [4], [1, 6, 0]];
        foreach (int[] order in orders)
        {
            int n = order.Length;
            double[] other = backend.Gram(new UpdateRows(origin, [.. order.Select(i => models[i])]));
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                    Bits.Equal([gram[order[i] * 7 + order[j]]], [other[i * n + j]], $"rows {order[i]} and {order[j]} of {n}");
            }
        }
    }

    [Fact]
    public void A_NaN_or_an_infinity_anywhere_in_an_update_makes_its_squared_norm_not_finite()
    {
        IComputeBackend backend = Create(1);
        (int Length, int[] Positions)[] cases = [(1, [0]), (257, [.. Enumerable.Range(0, 257)]), (4099, [0, 2047, 2048, 4095, 4096, 4098])];
        foreach ((int d, int[] positions) in cases)
        {
            foreach (int position in positions)
            {
                foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
                {
                    float[][] models = Samples.Models(2, d);
                    models[1][position] = bad;
                    var rows = new UpdateRows(Samples.Singles(d, 1000), models);
                    Assert.False(double.IsFinite(backend.Measure(rows, 1, [])[0]), $"{bad} at {position} of {d} is not in the norm.");
                    double[] gram = backend.Gram(rows);
                    Assert.True(double.IsFinite(gram[0]), $"{bad} at {position} of {d} got into another update's norm.");
                    Assert.False(double.IsFinite(gram[3]), $"{bad} at {position} of {d} is not in the Gram matrix.");
                }
            }
        }
    }

    [Fact]
    public void A_model_without_weights_has_inner_products_of_zero()
    {
        IComputeBackend backend = Create(2);
        UpdateRows rows = Samples.Rows(3, 0);
        Bits.Equal(new double[9], backend.Gram(rows), "Gram");
        Bits.Equal(new double[3], backend.InnerProducts(rows, []), "inner products");
        Bits.Equal(new double[2], backend.Measure(rows, 0, [[]]), "figures");
        Assert.Empty(backend.Combine(rows, [1, 2, 3]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_sentence()
    {
        IComputeBackend backend = Create(1);
        UpdateRows rows = Samples.Rows(3, 5);
        foreach (int length in new[] { 0, 4, 6 })
        {
            AssertRefused<ArgumentException>(
                $"The updates have 5 weights, but the vector has {length}.", () => backend.InnerProducts(rows, new double[length]));
        }
        AssertRefused<ArgumentException>(
            "The updates have 5 weights, but a reference has 6.", () => backend.Measure(rows, 0, [new float[5], new float[6]]));
        AssertRefused<ArgumentException>(
            "The updates have 5 weights, but there is room for 4 of their combination.",
            () => backend.Read(rows, new() { Coefficients = [1, 2, 3], Combination = new double[4] }).SquaredNorms);
        foreach (FiguresWanted unclear in new FiguresWanted[] { new() { Combination = new double[5] }, new() { AlongCombination = true } })
        {
            AssertRefused<ArgumentException>(
                "A combination of the updates needs coefficients, one for each.", () => backend.Read(rows, unclear).SquaredNorms);
        }
        AssertRefused<ArgumentException>("There are 3 updates, but 2 coefficients came.", () => backend.Combine(rows, [1, 2]));
        AssertRefused<ArgumentException>("There are 3 updates, but 4 coefficients came.", () => backend.Combine(rows, [1, 2, 3, 4]));
        foreach (int row in new[] { -1, 3 })
        {
            AssertRefused<ArgumentOutOfRangeException>(
                $"There are 3 updates, numbered from 0, but update {row} was asked for.", () => backend.Measure(rows, row, []));
        }
    }

    static FiguresWanted Everything(double[] coefficients, double[] vector) => new()
    {
        Coefficients = coefficients, Combination = new double[vector.Length], AlongCombination = true, SquaredNorms = true,
        Vectors = [vector], Gram = true,
    };

    [Fact]
    public void An_update_that_is_not_finite_spoils_only_its_own_figures_and_the_combination()
    {
        IComputeBackend backend = Create(2);
        foreach (int n in new[] { 1, 2, 3, 4, 5, 7 })
        {
            for (int bad = 0; bad < n; bad++)
            {
                const int d = 2050;
                float[][] models = Samples.Models(n, d);
                models[bad][2049] = bad % 2 == 0 ? float.NaN : float.NegativeInfinity;
                double[] vector = Samples.Doubles(d, 3000);
                FiguresWanted wanted = Everything(Samples.Doubles(n, 5000), vector);
                RoundFigures figures = backend.Read(new UpdateRows(Samples.Singles(d, 1000), models), wanted);
                for (int i = 0; i < n; i++)
                {
                    Assert.Equal(i != bad, double.IsFinite(figures.SquaredNorms[i]));
                    Assert.Equal(i != bad, double.IsFinite(figures.Products[0][i]));
                    Assert.Equal(i != bad, double.IsFinite(figures.Gram[i * n + i]));
                }
                Assert.Equal(2049, Array.FindIndex(wanted.Combination!, weight => !double.IsFinite(weight)));
            }
        }
    }

    [Fact]
    public void A_backend_has_a_name_and_at_least_one_thread()
    {
        IComputeBackend backend = Create(2);
        Assert.False(string.IsNullOrWhiteSpace(backend.Name));
        Assert.InRange(backend.Threads, 1, 2);
    }

    static void AssertRefused<T>(string sentence, Func<double[]> call) where T : ArgumentException =>
        Assert.StartsWith(sentence, Assert.Throws<T>(call).Message);
}
