using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

public class TrainingSettingsTests
{
    [Fact]
    public void The_defaults_and_the_limits_themselves_are_good()
    {
        Assert.Null(new TrainingSettings().Problem());
        Assert.Null(new TrainingSettings(LearningRate: 1e-6, BatchSize: 1, Momentum: 0.999, WeightDecay: 0, LocalEpochs: 1, ProximalMu: 0).Problem());
    }

    [Theory]
    [InlineData(0.0, "The learning rate must be a positive number, but 0 came.")]
    [InlineData(-0.1, "The learning rate must be a positive number, but -0.1 came.")]
    [InlineData(double.NaN, "The learning rate must be a positive number, but NaN came.")]
    [InlineData(double.PositiveInfinity, "The learning rate must be a positive number, but Infinity came.")]
    public void A_learning_rate_is_positive(double rate, string problem) =>
        Assert.Equal(problem, new TrainingSettings(LearningRate: rate).Problem());

    [Theory]
    [InlineData(1.0, "The momentum must be 0 or more and below 1, but 1 came.")]
    [InlineData(-0.1, "The momentum must be 0 or more and below 1, but -0.1 came.")]
    [InlineData(double.NaN, "The momentum must be 0 or more and below 1, but NaN came.")]
    public void A_momentum_is_below_one(double momentum, string problem) =>
        Assert.Equal(problem, new TrainingSettings(Momentum: momentum).Problem());

    [Theory]
    [InlineData(-1e-9, "The weight decay must be a number of 0 or more, but -1E-09 came.")]
    [InlineData(double.NaN, "The weight decay must be a number of 0 or more, but NaN came.")]
    [InlineData(double.PositiveInfinity, "The weight decay must be a number of 0 or more, but Infinity came.")]
    public void A_weight_decay_is_not_negative(double decay, string problem) =>
        Assert.Equal(problem, new TrainingSettings(WeightDecay: decay).Problem());

    [Theory]
    [InlineData(-1e-9, "The proximal mu must be a number of 0 or more, but -1E-09 came.")]
    [InlineData(double.NaN, "The proximal mu must be a number of 0 or more, but NaN came.")]
    [InlineData(double.PositiveInfinity, "The proximal mu must be a number of 0 or more, but Infinity came.")]
    public void A_proximal_mu_is_not_negative(double mu, string problem) =>
        Assert.Equal(problem, new TrainingSettings(ProximalMu: mu).Problem());

    [Fact]
    public void Batches_and_epochs_are_counted_from_one()
    {
        Assert.Equal("The batch size must be 1 or more, but 0 came.", new TrainingSettings(BatchSize: 0).Problem());
        Assert.Equal("At least 1 local epoch is needed, but -1 came.", new TrainingSettings(LocalEpochs: -1).Problem());
    }

    [Fact]
    public void A_trainer_does_not_begin_with_settings_that_cannot_work()
    {
        Network network = MadeUp.Network("softmax", 2, 2);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new LocalTrainer(network, new TrainingSettings(BatchSize: 0)));
        Assert.Equal("The batch size must be 1 or more, but 0 came.", refused.Message);
    }
}
