using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Learning;

public class LocalTrainerTests
{
    // fp32 weights of size about 1 after some tens of steps, each rounded to 2^-24 of its size.
    const double SinglePrecision = 2e-5;

    static Network Network { get; } = MadeUp.Network("mlp:5", features: 4, classes: 3);

    static RandomStream Stream(uint round = 1) => new(seed: 7, RandomPurpose.Training, round);

    [Theory]
    [InlineData(10, 4, 0.0, 0.0, 1)] // the last batch has 2 rows
    [InlineData(10, 4, 0.9, 0.0, 3)]
    [InlineData(10, 4, 0.9, 0.01, 3)]
    [InlineData(10, 1, 0.5, 0.1, 2)]
    [InlineData(10, 10, 0.5, 0.1, 5)]
    [InlineData(10, 64, 0.5, 0.0, 5)] // fewer rows than a batch
    [InlineData(300, 260, 0.9, 0.01, 4)] // a batch goes through in pieces
    [InlineData(1, 1, 0.9, 0.01, 6)]
    public void Training_follows_the_rule_of_PyTorch(int count, int batchSize, double momentum, double decay, int epochs)
    {
        var settings = new TrainingSettings(0.1, batchSize, momentum, decay, epochs);
        float[] model = MadeUp.Weights(Network);
        LabelledRows rows = MadeUp.Rows(4, 3, count);
        double[] expected = ReferenceTrainer.Train(Network, settings, model, rows, Stream());
        float[] trained = new LocalTrainer(Network, settings).Train(model, rows, Stream());
        Assert.NotEqual(model, trained);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], trained[i], SinglePrecision * (1 + Math.Abs(expected[i])));
    }

    [Theory]
    [InlineData(0.5, 0.0, 0.0)]
    [InlineData(3.0, 0.9, 0.01)]
    public void The_proximal_term_draws_every_step_back_to_the_rounds_model(double mu, double momentum, double decay)
    {
        var settings = new TrainingSettings(0.1, 4, momentum, decay, LocalEpochs: 3, mu);
        float[] model = MadeUp.Weights(Network);
        LabelledRows rows = MadeUp.Rows(4, 3, 10);
        double[] expected = ReferenceTrainer.Train(Network, settings, model, rows, Stream());
        float[] drawn = new LocalTrainer(Network, settings).Train(model, rows, Stream());
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], drawn[i], SinglePrecision * (1 + Math.Abs(expected[i])));
        float[] free = new LocalTrainer(Network, settings with { ProximalMu = 0 }).Train(model, rows, Stream());
        Assert.True(Distance(drawn) < Distance(free));

        double Distance(float[] trained) => trained.Zip(model, (a, b) => ((double)a - b) * (a - b)).Sum();
    }

    [Fact]
    public void Two_steps_with_a_proximal_term_by_hand()
    {
        // Softmax of one feature and two classes from zero weights, one row x = 2 of class 0: both logits are 0, so p = (1/2, 1/2) and
        // g = (p - y) x = (-1, 1) for the weights, (-1/2, 1/2) for the biases. At rate 1/4 the first step has no distance to pull at.
        Network network = MadeUp.Network("softmax", features: 1, classes: 2);
        var row = new LabelledRows(1, [2f], [0]);
        float[] Train(double mu, int epochs) =>
            new LocalTrainer(network, new TrainingSettings(0.25, 1, LocalEpochs: epochs, ProximalMu: mu)).Train(new float[4], row, Stream());
        Assert.Equal([0.25f, -0.25f, 0.125f, -0.125f], Train(mu: 2, epochs: 1));

        // Then the logits are +-0.625: q = 1 - 1/(1 + e^-1.25), g = (-2q, 2q, -q, q), and the pull is mu w.
        double q = 1 - 1 / (1 + Math.Exp(-1.25));
        double[] second = [.. new[] { 1, -1, 0.5, -0.5 }.Select(side => 0.25 * side - 0.25 * (-2 * q * side + 2 * 0.25 * side))];
        float[] trained = Train(mu: 2, epochs: 2);
        for (int i = 0; i < second.Length; i++)
            Assert.Equal(second[i], trained[i], 1e-7);
    }

    [Fact]
    public void Without_a_proximal_term_every_bit_is_that_of_plain_SGD()
    {
        float[] model = new float[Network.WeightCount];
        Array.Fill(model, -0f); // a sum with 0 would show
        LabelledRows rows = MadeUp.Rows(4, 3, 10);
        uint[] plain = Bits.Of(new LocalTrainer(Network, new TrainingSettings(BatchSize: 3)).Train(model, rows, Stream()));
        Assert.Equal(plain, Bits.Of(new LocalTrainer(Network, new TrainingSettings(BatchSize: 3, ProximalMu: -0.0)).Train(model, rows, Stream())));
    }

    [Fact]
    public void The_same_stream_gives_the_same_bits_and_another_stream_others()
    {
        var trainer = new LocalTrainer(Network, new TrainingSettings(BatchSize: 3, Momentum: 0.9, LocalEpochs: 2));
        float[] model = MadeUp.Weights(Network);
        LabelledRows rows = MadeUp.Rows(4, 3, 20);
        uint[] bits = Bits.Of(trainer.Train(model, rows, Stream()));
        Assert.Equal(bits, Bits.Of(trainer.Train(model, rows, Stream())));
        Assert.NotEqual(bits, Bits.Of(trainer.Train(model, rows, Stream(round: 2))));
        Assert.Equal(Bits.Of(MadeUp.Weights(Network)), Bits.Of(model));
    }

    [Fact]
    public void Participants_may_share_a_trainer_on_many_threads()
    {
        const int participants = 32;
        var trainer = new LocalTrainer(Network, new TrainingSettings(BatchSize: 3));
        float[] model = MadeUp.Weights(Network);
        uint[] Train(int k) => Bits.Of(trainer.Train(model, MadeUp.Rows(4, 3, 20, seed: k), Stream((uint)k)));
        var together = new uint[participants][];
        Parallel.For(0, participants, new ParallelOptions { MaxDegreeOfParallelism = 8 }, k => together[k] = Train(k));
        Assert.Equal([.. Enumerable.Range(0, participants).Select(Train)], together);
    }

    [Fact]
    public void Without_momentum_two_epochs_are_twice_one_epoch()
    {
        Assert.Equal(TwoEpochs(momentum: 0), TwiceOneEpoch(momentum: 0));
        Assert.NotEqual(TwoEpochs(momentum: 0.9), TwiceOneEpoch(momentum: 0.9)); // momentum starts anew

        static uint[] TwoEpochs(double momentum) => Bits.Of(
            new LocalTrainer(Network, new TrainingSettings(BatchSize: 4, Momentum: momentum, LocalEpochs: 2))
                .Train(MadeUp.Weights(Network), MadeUp.Rows(4, 3, 10), Stream()));

        static uint[] TwiceOneEpoch(double momentum)
        {
            var trainer = new LocalTrainer(Network, new TrainingSettings(BatchSize: 4, Momentum: momentum));
            RandomStream stream = Stream();
            float[] model = trainer.Train(MadeUp.Weights(Network), MadeUp.Rows(4, 3, 10), stream);
            return Bits.Of(trainer.Train(model, MadeUp.Rows(4, 3, 10), stream));
        }
    }

    [Fact]
    public void Training_can_be_cancelled()
    {
        var trainer = new LocalTrainer(Network, new TrainingSettings(LocalEpochs: int.MaxValue));
        Assert.Throws<OperationCanceledException>(() =>
            trainer.Train(MadeUp.Weights(Network), MadeUp.Rows(4, 3, 10), Stream(), new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("softmax", 0.05)]
    [InlineData("mlp:32", 0.1)]
    public void Digits_are_really_learned(string architecture, double learningRate)
    {
        Dataset digits = DatasetLoader.Load("digits");
        DataSplit split = DataSplit.Draw(digits, validation: 0.2m, test: 0m, seed: 1);
        var scale = Standardization.Learn(digits, split.Train);
        LabelledRows train = scale.Apply(digits, split.Train), held = scale.Apply(digits, split.Validation);
        Network network = MadeUp.Network(architecture, digits.Width, digits.Classes.Count);
        float[] before = network.Initialize(seed: 1);
        var settings = new TrainingSettings(learningRate, LocalEpochs: 10);
        float[] after = new LocalTrainer(network, settings).Train(before, train, Stream());

        (double Loss, double Accuracy) first = ModelScore.Mean(network, held, before), last = ModelScore.Mean(network, held, after);
        Assert.InRange(first.Loss, 2, 3); // guessing among ten classes: log 10 = 2.3 and a little
        Assert.InRange(last.Loss, 0, 0.3);
        Assert.InRange(last.Accuracy, 0.93, 1);
    }
}
