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
        [2, 6, 7, 5, 1, 0, 8, 4, 9, 3],
        [7, 9, 2, 0, 6, 4, 5, 8, 1, 3],
        [4, 3, 8, 1, 9, 2, 5, 0, 7, 6],
        [4, 9, 3, 7, 1, 6, 0, 2, 8, 5],
        [7, 3, 0, 2, 9, 6, 8, 5, 1, 4],
    ];

    static RandomStream Stream() => new(seed: 5, RandomPurpose.Training, a: 1, b: 2);

    [Fact]
    public void The_batches_given_to_PyTorch_are_those_of_the_stream()
    {
        RandomStream stream = Stream();
        Assert.Equal(Orders, Enumerable.Range(0, Epochs).Select(_ => stream.NextPermutation(RowCount)));
    }

    [Theory]
    [InlineData("softmax", 0.1, 0.0, 0.0, new[] { 1.1800774, 1.1251643, 1.0785282, 1.0398802, 0.9993929, 0.9701487 })]
    [InlineData("softmax", 0.5, 0.9, 0.01, new[] { 1.1800774, 0.8384851, 0.8666022, 0.9417697, 0.7310447, 0.9131454 })]
    [InlineData("mlp:6", 0.5, 0.0, 0.0, new[] { 1.0830917, 1.0234116, 1.0032603, 0.9778634, 0.9405209, 0.8992734 })]
    [InlineData("mlp:5,3", 0.2, 0.5, 0.05, new[] { 1.0760024, 1.0537366, 1.0359035, 1.0312946, 1.0312096, 1.0303056 })]
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
