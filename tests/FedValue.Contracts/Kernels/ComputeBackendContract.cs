using FedValue.Kernels;
using Xunit;

namespace FedValue.Contracts.Kernels;

/// <summary>
/// What every compute backend promises: the right numbers, and the bits of <see cref="CpuBackend"/> on one thread. The bits are checked
/// against the documented order of additions as well, so that the CPU is not its own judge.
/// </summary>
public abstract partial class ComputeBackendContract
{
    static readonly int[] Counts = [0, 1, 2, 5, 9];

    /// <summary>A backend that uses at most so many threads.</summary>
    protected abstract IComputeBackend Create(int threads);

    static IEnumerable<(int N, int D)> Shapes =>
        from n in Counts from d in Samples.Lengths where d <= 5000 || n <= 2 select (n, d);

    [Fact]
    public void Gram_holds_the_inner_products_of_all_pairs_with_the_documented_bits()
    {
        IComputeBackend backend = Create(1), cpu = new CpuBackend(1);
        foreach ((int n, int d) in Shapes)
        {
            UpdateRows rows = Samples.Rows(n, d);
            double[][] x = [.. Enumerable.Range(0, n).Select(i => Reference.Row(rows, i))];
            double[] gram = backend.Gram(rows);
            var documented = new double[n * n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    AssertClose(Reference.Dot(x[i], x[j]), gram[i * n + j], Reference.DotTolerance(x[i], x[j]));
                    documented[i * n + j] = LaneContract.Dot(x[i], x[j]);
                }
            }
            Bits.Equal(documented, gram, $"Gram of {n} x {d}");
            Bits.Equal(cpu.Gram(rows), gram, $"Gram of {n} x {d}, CPU");
        }
    }

    [Fact]
    public void Inner_products_are_those_of_every_update_with_the_vector_with_the_documented_bits()
    {
        IComputeBackend backend = Create(1), cpu = new CpuBackend(1);
        foreach ((int n, int d) in Shapes)
        {
            UpdateRows rows = Samples.Rows(n, d);
            double[] vector = Samples.Doubles(d, 3000), products = backend.InnerProducts(rows, vector);
            Assert.Equal(n, products.Length);
            for (int i = 0; i < n; i++)
            {
                double[] row = Reference.Row(rows, i);
                AssertClose(Reference.Dot(row, vector), products[i], Reference.DotTolerance(row, vector));
                Bits.Equal([LaneContract.Dot(row, vector)], [products[i]], $"inner product {i} of {n} x {d}");
            }
            Bits.Equal(cpu.InnerProducts(rows, vector), products, $"inner products of {n} x {d}, CPU");
        }
    }

    [Fact]
    public void Measure_gives_the_squared_norm_and_the_products_with_references_with_the_documented_bits()
    {
        IComputeBackend backend = Create(1), cpu = new CpuBackend(1);
        foreach ((int n, int d) in Shapes.Where(shape => shape.N > 0))
        {
            UpdateRows rows = Samples.Rows(n, d);
            double[] row = Reference.Row(rows, n - 1);
            float[][] references = [.. Enumerable.Range(0, n).Select(k => Samples.Singles(d, (uint)(4000 + k)))];
            double[] figures = backend.Measure(rows, n - 1, references);
            double[][] factors = [row, .. references.Select(reference => Array.ConvertAll(reference, value => (double)value))];
            Assert.Equal(1 + n, figures.Length);
            for (int k = 0; k < figures.Length; k++)
            {
                AssertClose(Reference.Dot(row, factors[k]), figures[k], Reference.DotTolerance(row, factors[k]));
                Bits.Equal([LaneContract.Dot(row, factors[k])], [figures[k]], $"figure {k} of {n} x {d}");
            }
            Bits.Equal(cpu.Measure(rows, n - 1, references), figures, $"figures of {n} x {d}, CPU");
        }
    }

    [Fact]
    public void Combine_adds_the_weighted_updates_in_their_order()
    {
        IComputeBackend backend = Create(1), cpu = new CpuBackend(1);
        foreach ((int n, int d) in Shapes)
        {
            UpdateRows rows = Samples.Rows(n, d);
            double[] coefficients = Samples.Doubles(n, 5000), sum = backend.Combine(rows, coefficients);
            Bits.Equal(Reference.Combine(rows, coefficients), sum, $"combination of {n} x {d}");
            Bits.Equal(cpu.Combine(rows, coefficients), sum, $"combination of {n} x {d}, CPU");
        }
    }

    [Fact]
    public void One_reading_gives_every_figure_with_the_bits_of_a_reading_for_it_alone()
    {
        IComputeBackend backend = Create(1);
        foreach ((int n, int d) in Shapes)
        {
            UpdateRows rows = Samples.Rows(n, d);
            double[] coefficients = Samples.Doubles(n, 5000);
            double[][] vectors = [.. Enumerable.Range(0, d % 4).Select(k => Samples.Doubles(d, (uint)(3000 + k)))];
            double[] combination = Samples.Doubles(d, 6000); // what was there before does not matter
            RoundFigures all = backend.Read(rows, new FiguresWanted
            {
                Coefficients = coefficients,
                Combination = combination,
                AlongCombination = true,
                SquaredNorms = true,
                Vectors = vectors,
                Gram = true,
            });
            string what = $"{n} x {d}";
            double[] sum = Reference.Combine(rows, coefficients);
            double[][] x = [.. Enumerable.Range(0, n).Select(i => Reference.Row(rows, i))];
            Bits.Equal(sum, combination, what + ", combination");
            Bits.Equal([.. x.Select(row => LaneContract.Dot(row, sum))], all.AlongCombination, what + ", along it");
            Bits.Equal([.. x.Select(row => LaneContract.Dot(row, row))], all.SquaredNorms, what + ", squared norms");
            Assert.Equal(vectors.Length, all.Products.Length);
            for (int k = 0; k < vectors.Length; k++)
                Bits.Equal([.. x.Select(row => LaneContract.Dot(row, vectors[k]))], all.Products[k], $"{what}, products with vector {k}");
            Bits.Equal(backend.Gram(rows), all.Gram, what + ", Gram");
        }
    }

    [Fact]
    public void What_is_not_asked_for_is_empty()
    {
        RoundFigures none = Create(1).Read(Samples.Rows(5, 100), new FiguresWanted());
        Assert.Empty(none.AlongCombination);
        Assert.Empty(none.SquaredNorms);
        Assert.Empty(none.Products);
        Assert.Empty(none.Gram);
    }

    static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"Expected {expected:R} within {tolerance:R}, but got {actual:R}.");
}
