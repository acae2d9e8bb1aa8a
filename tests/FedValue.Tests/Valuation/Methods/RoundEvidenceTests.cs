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
    public void Losses_are_measured_when_a_method_asks_and_only_once()
    {
        int losses = 0, drops = 0;
        var evidence = new RoundEvidence(
            3, 4, [0.5, 0.5], Geometry([1, 1]), new TableGame([0, 1, 2, 3]), () => Measured(ref losses, new double[][] { [1], [2] }),
            () => Measured(ref drops, new double[] { 0.25 }), new StoppingRule(2, 4, 0), threads: 1);
        Assert.Equal((0, 0), (losses, drops));
        Assert.Equal((2, 2), (evidence.OwnLosses[1][0], evidence.OwnLosses.Count));
        Assert.Equal((0.25, 0.25), (evidence.MeanDrop[0], evidence.MeanDrop[0]));
        Assert.Equal((1, 1), (losses, drops));
        Assert.Null(evidence.Table);
    }

    [Fact]
    public void Evidence_about_different_numbers_of_updates_is_refused()
    {
        void Refused(int weights, int norms, int players) =>
            Assert.StartsWith(
                $"A round has one set of updates, but there are {norms} norms, {weights} weights and a utility of {players} players.",
                Assert.Throws<ArgumentException>(() => new RoundEvidence(
                    1, 1, new double[weights], Geometry(new double[norms]), new TableGame(new double[1 << players]), () => [], () => [],
                    new StoppingRule(2, 4, 0), threads: 1)).Message);

        Refused(1, 2, 2);
        Refused(2, 1, 2);
        Refused(2, 2, 1);
    }

    static T Measured<T>(ref int count, T result)
    {
        count++;
        return result;
    }
}
