using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Methods;

public sealed class RoundEvidenceTests
{
    static RoundGeometry Geometry(double[] squares) => new(squares, new double[squares.Length], [], 0, [], c => c);

    [Fact]
    public void Products_read_off_a_Gram_matrix_are_those_of_the_vectors()
    {
        double[][] x = Vectors.Random(5, 3, 1);
        double[] gram = [.. x.SelectMany(row => x.Select(other => Vectors.Dot(row, other)))], coefficients = [0.3, -1, 2, 0, 0.7];
        double[] sum = [.. Enumerable.Range(0, 3).Select(d => x.Select((row, k) => coefficients[k] * row[d]).Sum())];
        Close.Equal([.. x.Select(row => Vectors.Dot(row, sum))], RoundGeometry.FromGram(gram)(coefficients));
    }

    [Fact]
    public void Unit_coefficients_give_norm_one_and_leave_what_has_no_direction_alone()
    {
        RoundGeometry geometry = Geometry([4, 0, 1e-24, 1.0001e-24, 1e10]);
        Close.Equal([0.5, 0, 0, 1e-5], [.. geometry.UnitCoefficients()[..3], geometry.UnitCoefficients()[4]]);
        Assert.InRange(geometry.UnitCoefficients()[3], 0.9e12, 1e12);
        Assert.Equal(2, geometry.Norm(0));
    }

    [Fact]
    public void The_Gram_matrix_is_the_one_that_is_known_or_is_read_off_the_updates()
    {
        double[][] x = Vectors.Random(5, 3, 2);
        double[] gram = [.. x.SelectMany(row => x.Select(other => Vectors.Dot(row, other)))];
        RoundGeometry Of(double[]? known) => new(new double[5], new double[5], [], 0, [], RoundGeometry.FromGram(gram), known);
        Assert.Equal(gram, Of(null).Gram());
        double[] other = new double[25];
        Assert.Same(other, Of(other).Gram());
    }

    [Fact]
    public void Evidence_that_says_nothing_about_the_past_is_that_of_a_first_round()
    {
        var evidence = new RoundEvidence(
            3, 4, [0.5, 0.5], Geometry([1, 1]), new TableGame([0, 1, 2, 3]), new KnownMeasurements(), new StoppingRule(2, 4, 0), threads: 1);
        Assert.Equal([3, 3], evidence.JoinedIn);
        Assert.Equal([null, null], evidence.MemoryOf("cgsv"));
        Assert.Null(evidence.Table);
    }

    [Fact]
    public void Evidence_about_different_numbers_of_updates_is_refused()
    {
        void Refused(int weights, int norms, int players) =>
            Assert.StartsWith(
                $"A round has one set of updates, but there are {norms} norms, {weights} weights and a utility of {players} players.",
                Assert.Throws<ArgumentException>(() => new RoundEvidence(
                    1, 1, new double[weights], Geometry(new double[norms]), new TableGame(new double[1 << players]), new KnownMeasurements(),
                    new StoppingRule(2, 4, 0), threads: 1)).Message);

        Refused(1, 2, 2);
        Refused(2, 1, 2);
        Refused(2, 2, 1);
    }
}
