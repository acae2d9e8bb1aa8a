using FedValue.Federation.Aggregation;

namespace FedValue.Tests.Federation.Aggregation;

public class AggregationRulesTests
{
    [Theory]
    [InlineData("fedavg", "fedavg")]
    [InlineData("fedmedian", "fedmedian")]
    [InlineData("fedavgm", "fedavgm:server-learning-rate=1:momentum=0.9")]
    [InlineData("fedavgm:momentum=.50", "fedavgm:server-learning-rate=1:momentum=0.5")]
    [InlineData("fedavgm:momentum=0:server-learning-rate=2e0", "fedavgm:server-learning-rate=2:momentum=0")]
    [InlineData("fedavgm:momentum=-0", "fedavgm:server-learning-rate=1:momentum=0")]
    [InlineData("fedadam", "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001")]
    [InlineData("fedadam:tau=1e-9:beta1=0", "fedadam:learning-rate=0.1:beta1=0:beta2=0.99:tau=1E-09")]
    [InlineData("fedadam:bias-correction=1", "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001")] // as before there was the switch
    [InlineData("fedadam:bias-correction=0", "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001:bias-correction=0")]
    [InlineData("fedadagrad:tau=.5", "fedadagrad:learning-rate=0.1:tau=0.5")]
    [InlineData("fedyogi:beta2=0.5", "fedyogi:learning-rate=0.01:beta1=0.9:beta2=0.5:tau=0.001")]
    [InlineData("fedtrimmedavg:beta=0", "fedtrimmedavg:beta=0")]
    [InlineData("krum:byzantine=01", "krum:byzantine=1")]
    [InlineData("multikrum:keep=3", "multikrum:byzantine=0:keep=3")]
    [InlineData("bulyan:byzantine=2.0", "bulyan:byzantine=2")]
    [InlineData("qfedavg:learning-rate=0.05", "qfedavg:q=0.1:learning-rate=0.05")]
    public void A_rule_has_one_spelling_with_every_setting(string text, string spec)
    {
        Assert.Equal(spec, AggregationRules.Parse(text).Spec);
        Assert.Equal(spec, AggregationRules.Parse(spec).Spec);
    }

    [Fact]
    public void Defaults_are_those_of_current_Flower_and_a_momentum_that_is_not_FedAvg()
    {
        Assert.Equal(
            [
                "fedavg", "fedavgm:server-learning-rate=1:momentum=0.9", "fedadam:learning-rate=0.1:beta1=0.9:beta2=0.99:tau=0.001", "fedmedian",
                "fedadagrad:learning-rate=0.1:tau=0.001", "fedyogi:learning-rate=0.01:beta1=0.9:beta2=0.99:tau=0.001",
                "fedtrimmedavg:beta=0.2", "krum:byzantine=0", "multikrum:byzantine=0:keep=1", "bulyan:byzantine=0",
                "qfedavg:q=0.1:learning-rate=0.1",
            ],
            AggregationRules.Catalog.Entries.Select(entry => AggregationRules.Parse(entry.Name).Spec));
    }

    [Theory]
    [InlineData("")]
    [InlineData("FedAvg", " (did you mean fedavg?)")]
    [InlineData(" fedavg", " (did you mean fedavg?)")]
    [InlineData("fed-avg", " (did you mean fedavg?)")]
    [InlineData("multi_krun", " (did you mean multikrum?)")]
    [InlineData("fedsgd")]
    [InlineData("fedrandom")] // a pool is no rule
    public void An_unknown_name_is_refused_with_the_known_ones_and_the_one_probably_meant(string name, string meant = "") => Refused(name,
        $"There is no aggregator '{name}'{meant}; there are fedavg, fedavgm, fedadam, fedmedian, fedadagrad, fedyogi, fedtrimmedavg, krum, " +
        "multikrum, bulyan, qfedavg, and fedrandom, a pool of these.");

    [Theory]
    [InlineData("fedprox")]
    [InlineData("fedprox:mu=0.1")]
    public void FedProx_is_no_aggregator_and_the_refusal_says_what_to_do(string spec) => Refused(spec,
        $"FedProx aggregates as FedAvg and changes how participants train, but '{spec}' came as an aggregator; " +
        "use --aggregator fedavg with --proximal-mu, or {\"aggregator\": \"fedavg\", \"proximal-mu\": MU} in an experiment.");

    [Theory]
    [InlineData("fedavg:momentum=0.9", "Aggregator 'fedavg' has the settings (none), written NAME:setting=value, but 'momentum=0.9' came.")]
    [InlineData("fedavg:", "Aggregator 'fedavg' has the settings (none), written NAME:setting=value, but '' came.")]
    [InlineData("fedavgm:beta1=0.9",
        "Aggregator 'fedavgm' has the settings server-learning-rate, momentum, written NAME:setting=value, but 'beta1=0.9' came.")]
    [InlineData("fedadam:tau",
        "Aggregator 'fedadam' has the settings learning-rate, beta1, beta2, tau, bias-correction, written NAME:setting=value, but 'tau' came.")]
    [InlineData("fedadam:tau=1=2",
        "Aggregator 'fedadam' has the settings learning-rate, beta1, beta2, tau, bias-correction, written NAME:setting=value, but 'tau=1=2' came.")]
    [InlineData("fedavgm:momentum=0.1:momentum=0.2", "Setting 'momentum' of aggregator 'fedavgm' is given twice.")]
    public void A_setting_that_the_rule_does_not_have_is_refused(string spec, string sentence) => Refused(spec, sentence);

    [Theory]
    [InlineData("fedavgm:momentum=fast", "Setting 'momentum' of aggregator 'fedavgm' must be a finite number, but 'fast' came.")]
    [InlineData("fedavgm:momentum=", "Setting 'momentum' of aggregator 'fedavgm' must be a finite number, but '' came.")]
    [InlineData("fedavgm:momentum=NaN", "Setting 'momentum' of aggregator 'fedavgm' must be a finite number, but 'NaN' came.")]
    [InlineData("fedadam:tau=Infinity", "Setting 'tau' of aggregator 'fedadam' must be a finite number, but 'Infinity' came.")]
    [InlineData("fedavgm:momentum=1", "Setting 'momentum' of aggregator 'fedavgm' must be 0 or more and below 1, but 1 came.")]
    [InlineData("fedavgm:momentum=-0.1", "Setting 'momentum' of aggregator 'fedavgm' must be 0 or more and below 1, but -0.1 came.")]
    [InlineData("fedavgm:server-learning-rate=0", "Setting 'server-learning-rate' of aggregator 'fedavgm' must be positive, but 0 came.")]
    [InlineData("fedadam:beta1=1", "Setting 'beta1' of aggregator 'fedadam' must be 0 or more and below 1, but 1 came.")]
    [InlineData("fedadam:beta2=1.5", "Setting 'beta2' of aggregator 'fedadam' must be 0 or more and below 1, but 1.5 came.")]
    [InlineData("fedadam:tau=0", "Setting 'tau' of aggregator 'fedadam' must be positive, but 0 came.")]
    [InlineData("fedadam:bias-correction=2", "Setting 'bias-correction' of aggregator 'fedadam' must be 0 or 1, but 2 came.")]
    [InlineData("fedadagrad:tau=0", "Setting 'tau' of aggregator 'fedadagrad' must be positive, but 0 came.")]
    [InlineData("fedyogi:beta2=1", "Setting 'beta2' of aggregator 'fedyogi' must be 0 or more and below 1, but 1 came.")]
    [InlineData("fedtrimmedavg:beta=0.5", "Setting 'beta' of aggregator 'fedtrimmedavg' must be 0 or more and below 0.5, but 0.5 came.")]
    [InlineData("fedtrimmedavg:beta=-0.1", "Setting 'beta' of aggregator 'fedtrimmedavg' must be 0 or more and below 0.5, but -0.1 came.")]
    [InlineData("krum:byzantine=-1", "Setting 'byzantine' of aggregator 'krum' must be a whole number from 0 to 1000000, but -1 came.")]
    [InlineData("multikrum:keep=0", "Setting 'keep' of aggregator 'multikrum' must be a whole number from 1 to 1000000, but 0 came.")]
    [InlineData("bulyan:byzantine=0.5", "Setting 'byzantine' of aggregator 'bulyan' must be a whole number from 0 to 1000000, but 0.5 came.")]
    [InlineData("qfedavg:q=-1", "Setting 'q' of aggregator 'qfedavg' must be 0 or more, but -1 came.")]
    [InlineData("qfedavg:learning-rate=0", "Setting 'learning-rate' of aggregator 'qfedavg' must be positive, but 0 came.")]
    [InlineData("fedadam:learning-rate=-1", "Setting 'learning-rate' of aggregator 'fedadam' must be positive, but -1 came.")]
    public void A_value_out_of_range_is_refused(string spec, string sentence) => Refused(spec, sentence);

    static void Refused(string spec, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => AggregationRules.Parse(spec)).Message);
}
