using FedValue.Federation.Learning;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Learning;

public sealed class HessianProductTests
{
    const int Features = 4, Classes = 3, Count = 53;

    /// <summary>Central differences of a gradient in double at step 1e-5: truncation 1e-10 and rounding 1e-16 / 1e-5, with room.</summary>
    const double Differences = 1e-7;

    [Fact]
    public void Of_softmax_regression_it_is_the_exact_Hessian_times_the_direction()
    {
        Network network = MadeUp.Network("softmax", Features, Classes);
        var set = new ValidationSet(network, new ValidationRows(MadeUp.Rows(Features, Classes, Count)));
        float[] weights = MadeUp.Weights(network);
        double[] direction = Direction(network);
        for (int block = 0; block < Jackknife.Blocks; block++)
            Equal(ExactHessianProduct(network, weights, direction, Rows(set, block)), set.HessianProduct(weights, direction, block), 1e-12);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("mlp:6")]
    [InlineData("mlp:5,4")]
    public void It_is_the_change_of_the_gradient_along_the_direction(string architecture)
    {
        const double step = 1e-5;
        Network network = MadeUp.Network(architecture, Features, Classes);
        var set = new ValidationSet(network, new ValidationRows(MadeUp.Rows(Features, Classes, Count)));
        float[] weights = MadeUp.Weights(network);
        double[] direction = Direction(network);
        double[] Gradient(double along, int block) =>
            ReferenceNetwork.Gradient(network, [.. weights.Select((w, i) => w + along * direction[i])], Rows(set, block));
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            double[] change = [.. Gradient(step, block).Zip(Gradient(-step, block), (plus, minus) => (plus - minus) / (2 * step))];
            Equal(change, set.HessianProduct(weights, direction, block), Differences);
        }
    }

    [Fact]
    public void Nothing_along_no_direction()
    {
        Network network = MadeUp.Network("mlp:6", Features, Classes);
        var set = new ValidationSet(network, new ValidationRows(MadeUp.Rows(Features, Classes, Count)));
        Assert.All(set.HessianProduct(MadeUp.Weights(network), new double[network.WeightCount], 0), number => Assert.Equal(0, number));
    }

    /// <summary>Per row, logits o and q, inputs i and k (the last one is the bias): p_o ([o = q] - p_q) z_i z_k.</summary>
    static double[] ExactHessianProduct(Network network, float[] weights, double[] direction, LabelledRows rows)
    {
        DenseLayer layer = network.Layers[0];
        int At(int o, int i) => i < Features ? layer.WeightOffset + o * Features + i : layer.BiasOffset + o;
        var product = new double[network.WeightCount];
        for (int r = 0; r < rows.Count; r++)
        {
            double[] z = [.. rows.Row(r).ToArray(), 1];
            double[] exponentials = [.. ReferenceNetwork.Logits(network, [.. weights], rows.Row(r)).Select(Math.Exp)];
            double[] p = [.. exponentials.Select(e => e / exponentials.Sum())];
            for (int o = 0; o < Classes; o++)
            for (int q = 0; q < Classes; q++)
            for (int i = 0; i <= Features; i++)
            for (int k = 0; k <= Features; k++)
                product[At(o, i)] += p[o] * ((o == q ? 1 : 0) - p[q]) * z[i] * z[k] * direction[At(q, k)];
        }
        return product;
    }

    static LabelledRows Rows(ValidationSet set, int block)
    {
        (int first, int end) = Jackknife.RowsOf(block, set.Rows.Count);
        return MadeUp.Select(set.Rows, Enumerable.Range(first, end - first));
    }

    static double[] Direction(Network network) => [.. MadeUp.Weights(network, seed: 2).Select(weight => (double)weight)];

    static void Equal(double[] expected, double[] actual, double tolerance)
    {
        double scale = expected.Select(Math.Abs).Append(1).Max();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * scale));
        Assert.Contains(expected, number => Math.Abs(number) > 1e-3);
    }
}
