using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Valuation.Agreement;

public sealed class HeterogeneityTests
{
    [Fact]
    public void Norms_and_cosines_are_those_of_the_vectors()
    {
        // (1,0), (0,2), (3,0): norms 1, 2, 3; cosines 0, 1, 0.
        Heterogeneity measured = Heterogeneity.Of([([1, 4, 9], [1, 0, 3, 0, 4, 0, 3, 0, 9])])!;
        Assert.Equal(Math.Sqrt(2.0 / 3) / 2, measured.NormVariation, 1e-15);
        Assert.Equal(1.0 / 3, measured.MeanCosine!.Value, 1e-15);
        Assert.True(measured.IsHigh);
    }

    [Fact]
    public void Updates_alike_in_size_and_direction_are_not_heterogeneous()
    {
        Heterogeneity measured = Heterogeneity.Of([([1, 1], [1, 0.9, 0.9, 1]), ([4, 4], null)])!;
        Assert.Equal((0, 0.9), (measured.NormVariation, measured.MeanCosine));
        Assert.False(measured.IsHigh);
    }

    [Fact]
    public void Updates_that_do_not_move_say_nothing()
    {
        Heterogeneity measured = Heterogeneity.Of([([1, 0, 1], [1, 0, 1, 0, 0, 0, 1, 0, 1])])!;
        Assert.Equal((0, 1), (measured.NormVariation, measured.MeanCosine));
        Assert.Null(Heterogeneity.Of([([0, 4], [0, 0, 0, 4]), ([], null)]));
    }

    [Fact]
    public void Without_a_gram_matrix_the_norms_alone_decide()
    {
        Heterogeneity measured = Heterogeneity.Of([([1, 9], null)])!;
        Assert.Null(measured.MeanCosine);
        Assert.Equal(0.5, measured.NormVariation);
        Assert.True(measured.IsHigh);
    }
}
