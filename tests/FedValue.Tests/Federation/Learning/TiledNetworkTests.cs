using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

public class TiledNetworkTests
{
    [Theory]
    [InlineData("softmax", 1)]
    [InlineData("softmax", 5)]
    [InlineData("mlp:7", 4)]
    [InlineData("mlp:33,6", 3)]
    public void Models_projected_together_are_those_projected_alone(string architecture, int models)
    {
        Network network = MadeUp.Network(architecture, features: 5, classes: 3);
        var rows = new TiledRows(new ValidationRows(MadeUp.Rows(5, 3, 71)));
        var tiled = new TiledNetwork(network);
        float[][] weights = [.. Enumerable.Range(0, models).Select(seed => MadeUp.Weights(network, seed))];
        TiledModel[] together = tiled.Project(rows, weights);
        Assert.Equal(models, together.Length);
        for (int m = 0; m < models; m++)
        {
            TiledModel alone = Assert.Single(tiled.Project(rows, weights[m]));
            Assert.Equal(Bits.Of(alone.First.Span), Bits.Of(together[m].First.Span));
            Assert.Equal(Bits.Of(alone.Deep.Span), Bits.Of(together[m].Deep.Span));
        }
        Assert.Empty(tiled.Project(rows));
    }

    [Fact]
    public void So_many_models_go_together_as_a_cache_holds_and_always_one()
    {
        Assert.InRange(new TiledNetwork(MadeUp.Network("softmax", features: 784, classes: 10)).ModelsAtOnce, 10, 20);
        Assert.Equal(1, new TiledNetwork(MadeUp.Network("mlp:256", features: 784, classes: 10)).ModelsAtOnce);
    }
}
