using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Learning;

/// <summary>Losses that PyTorch gave for the same weights and batches: <c>Golden/sgd.py</c> prints them.</summary>
public class GoldenTrainingTests
{
    const int RowCount = 10, Features = 4, Classes = 3, BatchSize = 4, Epochs = 5;

    // Both sides compute in fp32, each rounding in its own order, for 15 steps.
    const double SinglePrecision = 1e-5;

    static readonly int[][] Orders =
    [
        [5, 3, 7, 6, 0, 1, 2, 8, 9, 4],
        [7, 9, 4, 8, 0, 6, 5, 3, 2, 1],
        [6, 1, 9, 4, 0, 2, 3, 5, 7, 8],
        [1, 4, 6, 8, 3, 5, 7, 0, 9, 2],
        [6, 8, 0, 7, 2, 4, 3, 9, 5, 1],
    ];

    static RandomStream Stream() => new(seed: 5, RandomPurpose.Training, a: 1, b: 2);

    [Fact]
    public void The_batches_given_to_PyTorch_are_those_of_the_stream()
    {
        RandomStream stream = Stream();
        Assert.Equal(Orders, Enumerable.Range(0, Epochs).Select(_ => stream.NextPermutation(RowCount)));
    }

    [Theory]
    [InlineData("softmax", 0.1, 0.0, 0.0, new[] { 1.1800774, 1.1241965, 1.0829399, 1.0298270, 1.0019815, 0.9740669 })]
    [InlineData("softmax", 0.5, 0.9, 0.01, new[] { 1.1800774, 0.8495842, 0.8110840, 0.7560084, 0.6638845, 0.6625112 })]
    [InlineData("mlp:6", 0.5, 0.0, 0.0, new[] { 1.0830917, 1.0264992, 1.0200634, 0.9580050, 0.9127128, 0.9074795 })]
    [InlineData("mlp:5,3", 0.2, 0.5, 0.05, new[] { 1.0760024, 1.0528759, 1.0398421, 1.0380933, 1.0317823, 1.0350263 })]
    public void Losses_after_every_epoch_are_those_of_PyTorch(
        string architecture, double rate, double momentum, double decay, double[] losses)
    {
        Network network = MadeUp.Network(architecture, Features, Classes);
        float[] model = [.. Enumerable.Range(0, network.WeightCount).Select(k => (13 * k % 17 - 8) / 32f)];
        var rows = new LabelledRows(
            Features,
            [.. Enumerable.Range(0, RowCount * Features).Select(k => ((7 * (k / Features) + 3 * (k % Features)) % 11 - 5) / 4f)],
            [.. Enumerable.Range(0, RowCount).Select(i => (2 * i + i / 4) % Classes)]);

        Assert.Equal(losses[0], ModelScore.Mean(network, rows, model).Loss, SinglePrecision);
        for (int epochs = 1; epochs <= Epochs; epochs++)
        {
            var trainer = new LocalTrainer(network, new TrainingSettings(rate, BatchSize, momentum, decay, epochs));
            float[] trained = trainer.Train(model, rows, Stream());
            Assert.Equal(losses[epochs], ModelScore.Mean(network, rows, trained).Loss, SinglePrecision);
        }
    }
}
