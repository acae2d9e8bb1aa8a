using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Learning;

public class ValidationSetTests
{
    // Sums of some thousand doubles in another order.
    const double Reordered = 1e-12;

    // fp32 logits and gradients against double ones: see NetworkPassTests.
    const double SinglePrecision = 1e-4;

    // The smallest set, blocks of unequal size, blocks longer than one piece of 128 rows.
    public static TheoryData<int> RowCounts => [20, 39, 107, 2611];

    static Network Network { get; } = MadeUp.Network("mlp:7", features: 5, classes: 3);

    static ValidationSet Set(int count) => new(Network, new ValidationRows(MadeUp.Rows(5, 3, count)));

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Blocks_are_those_of_the_jackknife(int count)
    {
        ValidationSet set = Set(count);
        ValidationScore score = set.Score(MadeUp.Weights(Network));
        float[][] logits = Pieces.Logits(Network, MadeUp.Weights(Network), set.Rows);
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            (int first, int end) = Jackknife.RowsOf(block, count);
            Assert.Equal(end - first, set.RowsIn(block));
            double loss = 0;
            int correct = 0;
            for (int row = first; row < end; row++)
            {
                loss += CrossEntropy.Loss(logits[row], set.Rows.Labels[row]);
                correct += CrossEntropy.Predicted(logits[row]) == set.Rows.Labels[row] ? 1 : 0;
            }
            Assert.Equal(loss, score.Losses[block]);
            Assert.Equal(correct, score.Correct[block]);
        }
        Assert.Equal(count, Enumerable.Range(0, Jackknife.Blocks).Sum(set.RowsIn));
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("mlp:33")]
    [InlineData("mlp:40,9,12")]
    public void Any_network_is_scored_to_the_bit_as_rows_that_pass_one_after_the_other(string architecture)
    {
        Network network = MadeUp.Network(architecture, features: 5, classes: 3);
        var set = new ValidationSet(network, new ValidationRows(MadeUp.Rows(5, 3, 107)));
        ValidationScore score = set.Score(MadeUp.Weights(network));
        float[][] logits = Pieces.Logits(network, MadeUp.Weights(network), set.Rows);
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            (int first, int end) = Jackknife.RowsOf(block, set.Rows.Count);
            int[] rows = [.. Enumerable.Range(first, end - first)];
            Assert.Equal(rows.Aggregate(0.0, (sum, row) => sum + CrossEntropy.Loss(logits[row], set.Rows.Labels[row])), score.Losses[block]);
            Assert.Equal(rows.Count(row => CrossEntropy.Predicted(logits[row]) == set.Rows.Labels[row]), score.Correct[block]);
        }
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Sums_over_the_blocks_are_those_over_all_rows(int count)
    {
        ValidationSet set = Set(count);
        float[] weights = MadeUp.Weights(Network);
        ValidationScore score = set.Score(weights);
        (double loss, double accuracy) = ModelScore.Mean(Network, set.Rows, weights);
        Assert.Equal(loss * count, score.Losses.Sum(), Reordered * loss * count);
        Assert.Equal(accuracy, (double)score.Correct.Sum() / count);
        Assert.Equal(ReferenceNetwork.Loss(Network, [.. weights], set.Rows) / count, loss, SinglePrecision);
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Numbers_without_a_block_are_those_of_the_other_rows(int count)
    {
        ValidationSet set = Set(count);
        float[] weights = MadeUp.Weights(Network);
        ValidationScore score = set.Score(weights);
        double[] losses = Utilities.Losses(set, score), accuracies = Utilities.Accuracies(set, score);
        Assert.Equal(ModelScore.Mean(Network, set.Rows, weights).Loss, losses[0], Reordered * losses[0]);
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            (int first, int end) = Jackknife.RowsOf(block, count);
            LabelledRows others = MadeUp.Select(set.Rows, Enumerable.Range(0, count).Where(row => row < first || row >= end));
            (double loss, double accuracy) = ModelScore.Mean(Network, others, weights);
            Assert.Equal(loss, losses[1 + block], Reordered * loss);
            Assert.Equal(accuracy, accuracies[1 + block]);
        }
        Assert.Equal(losses.Select(loss => -loss), Utilities.Of(UtilityKind.ValidationLoss, set, score));
        Assert.Equal(accuracies, Utilities.Of(UtilityKind.ValidationAccuracy, set, score));
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Block_gradients_sum_to_the_gradient_over_all_rows(int count)
    {
        ValidationSet set = Set(count);
        float[] weights = MadeUp.Weights(Network);
        float[][] blocks = set.BlockGradients(weights);
        Assert.Equal(Jackknife.Blocks, blocks.Length);
        double[] expected = ReferenceNetwork.Gradient(Network, [.. weights], set.Rows);
        double tolerance = SinglePrecision * (1 + expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], blocks.Sum(block => (double)block[i]), tolerance);
    }

    [Fact]
    public void Many_threads_get_the_bits_of_one()
    {
        const int models = 200;
        var alone = Set(107);
        var shared = Set(107);
        float[][] weights = [.. Enumerable.Range(0, models).Select(seed => MadeUp.Weights(Network, seed))];
        ulong[][] expected = [.. weights.Select(w => Everything(alone, w))];
        var together = new ulong[models][];
        Parallel.For(0, models, new ParallelOptions { MaxDegreeOfParallelism = 8 }, k => together[k] = Everything(shared, weights[k]));
        Assert.Equal(expected, together);

        static ulong[] Everything(ValidationSet set, float[] weights) =>
        [
            .. Bits.Of(set.Score(weights).Losses),
            .. set.Score(weights).Correct.Select(correct => (ulong)correct),
            .. set.BlockGradients(weights).SelectMany(block => Bits.Of(block)).Select(bits => (ulong)bits),
        ];
    }

    [Fact]
    public void Weights_may_stand_in_a_longer_array()
    {
        ValidationSet set = Set(39);
        float[] weights = MadeUp.Weights(Network);
        Assert.Equal(Bits.Of(set.Score(weights).Losses), Bits.Of(set.Score([.. weights, 7, float.NaN]).Losses));
    }

    [Fact]
    public void Rows_that_cannot_be_measured_are_refused()
    {
        Refused("The model takes 5 features, but the validation rows have 4.", MadeUp.Rows(4, 3, 20));
        LabelledRows good = MadeUp.Rows(5, 3, 20);
        foreach (int label in new[] { -1, 3 })
        {
            Refused("The model has 3 classes, but a validation row has another label.",
                new LabelledRows(5, good.Features, [label, .. good.Labels[1..]]));
        }

        static void Refused(string sentence, LabelledRows rows) =>
            Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => new ValidationSet(Network, new ValidationRows(rows))).Message);
    }
}
