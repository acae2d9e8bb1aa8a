using System.Text;
using FedValue.Cli.Commands;
using FedValue.Cli.Experiments;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli.Experiments;

public sealed class ExperimentFileTests
{
    [Theory]
    [InlineData("\"name\": \"tiny\"", "\"name\": \"ti/ny\"", "'name' must be made of letters")]
    [InlineData("\"name\": \"tiny\"", "\"name\": \"\"", "'name' must be a text of 1 to 200 characters")]
    [InlineData("\"name\": \"tiny\",", "", "the member 'name' is missing")]
    [InlineData("\"name\": \"tiny\"", "\"nam\": \"tiny\"", "the file has the unknown member 'nam'")]
    [InlineData("\"name\": \"tiny\"", "\"name\": \"tiny\", \"name\": \"twice\"", "is not JSON")]
    [InlineData("\"name\": \"tiny\"", "\"name\": \"\\ud800\"", "'name' has something that is no text in Unicode")]
    [InlineData("\"rounds\": 2", "\"rounds\": \"\\ud800\"", "'base.rounds' has something that is no text in Unicode")]
    [InlineData("\"rounds\": 2", "\"\\ud800\": 2", "no text in Unicode")]
    [InlineData("[2, 1]", "[]", "'seeds' must be a list of at least one seed")]
    [InlineData("[2, 1]", "[1, 1]", "'seeds' has '1' twice")]
    [InlineData("[2, 1]", "[1, 1.5]", "'seeds[1]' must be a whole number from 0")]
    [InlineData("[2, 1]", "[-1]", "'seeds[0]' must be a whole number from 0")]
    [InlineData("[2, 1]", "7", "'seeds' must be a list")]
    [InlineData("[2, 1]", "{\"from\": 1}", "'seeds' must be a list of seeds or an object with from and count")]
    [InlineData("[2, 1]", "{\"from\": 1, \"count\": 0}", "'seeds.count' must be a whole number from 1")]
    [InlineData("[2, 1]", "{\"from\": 1, \"count\": 999999}", "the grid has 3999996 simulations")]
    [InlineData("\"rounds\": 2", "\"ronds\": 2", "'base.ronds' is unknown")]
    [InlineData("\"rounds\": 2", "\"rounds\": \"two\"", "'base.rounds': --rounds must be a whole number, but 'two' came")]
    [InlineData("\"rounds\": 2", "\"rounds\": null", "'base.rounds' must be a text, a number or a list")]
    [InlineData("\"rounds\": 2", "\"rounds\": true", "'base.rounds' must be a text, a number or a list")]
    [InlineData("\"rounds\": 2", "\"stop\": \"rank-stable:2&time:1\"", "'base.stop' has a time limit, 'rank-stable:2&time:1', but the tables")]
    [InlineData("\"rounds\": 2", "\"stop\": \"soon\"", "'base.stop': A stop condition is made of")]
    [InlineData("\"rounds\": 2", "\"seed\": 2", "'base.seed' is no setting of a scenario")]
    [InlineData("\"rounds\": 2", "\"pay-by\": \"exact\"", "'base.pay-by' is no setting of a scenario")]
    [InlineData("{ \"name\": \"sizes\", ", "{ ", "'scenarios[0]' must be an object with a name")]
    [InlineData("\"name\": \"sizes\"", "\"name\": \"flipped, even\"", "'scenarios' has 'flipped, even' twice")]
    [InlineData("\"corrupt\": [\"label-flip:1@2\"]", "\"corrupt\": [[1]]", "'scenarios[1].corrupt[0]' must be a text or a number, but a list came")]
    [InlineData("[\"fedavg\", ", "[\"fedsgd\", ", "'aggregators[0]': There is no aggregator 'fedsgd'")]
    [InlineData("[\"fedavg\", ", "[\"fedprox\", ", "or {\"aggregator\": \"fedavg\", \"proximal-mu\": MU} in an experiment.")]
    [InlineData("\"preset\": \"flower-1.6\"", "\"proximal-mu\": \"much\"", "'aggregators[1].proximal-mu': --proximal-mu must be a number")]
    [InlineData("[\"fedavg\", ", "[null, ", "'aggregators[0]' must be a text or an object with an aggregator, but null came")]
    [InlineData("\"preset\": \"flower-1.6\"", "\"preset\": \"flower\"", "'aggregators[1]': A preset is one of")]
    [InlineData("\"aggregator\": \"fedavgm\", ", "", "'aggregators[1]' must be a text or an object with an aggregator")]
    [InlineData("\"flower's \\\"m\\\"\"", "\"fedavg\"", "'aggregators' has 'fedavg' twice")]
    [InlineData("\"cosine\"", "\"shapley\"", "'methods[1]': There is no valuation method 'shapley'")]
    [InlineData("\"cosine\"", "\"exact\"", "'methods' has 'exact' twice")]
    [InlineData("[\"exact\", \"cosine\"]", "[]", "'methods' must be a list of at least one method")]
    [InlineData("\"truth\": \"sizes\"", "\"truth\": \"size\"", "'truth' must be sizes, none or corrupted, but \"size\" came")]
    [InlineData("\"truth\"", "\"groups\": [{\"name\": \"g\", \"members\": [\"krum\"]}], \"truth\"",
        "'groups[0].members[0]' must be the name of one of the aggregators")]
    [InlineData("\"truth\"", "\"groups\": [{\"name\": \"g\"}], \"truth\"", "'groups[0]' must be an object with a name and members")]
    [InlineData("\"truth\"", "\"compare\": {\"group\": \"all\", \"with\": \"some\"}, \"truth\"",
        "'compare.with' must be the name of one of the groups")]
    [InlineData("\"truth\": \"sizes\"", "\"compare\": {\"group\": \"all\", \"with\": \"all\"}", "'compare' needs the truth 'sizes'")]
    public void What_is_wrong_is_said_in_one_sentence_with_its_place(string right, string wrong, string part)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(right, TinyExperiment.Json, StringComparison.Ordinal); // or the test would prove nothing
        string message = Assert.Throws<UsageException>(
            () => TinyExperiment.Read(folder, TinyExperiment.Json.Replace(right, wrong, StringComparison.Ordinal))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("\"participants\": 3", "\"participants\": 0", "tiny', sizes / fedavg / seed 1 cannot run: At least 1 participant")]
    [InlineData("label-flip:1@2", "label-flip:1@4", "flipped, even / fedavg / seed 1 cannot run: 'label-flip:1@4' names participant 4")]
    [InlineData("\"participants\": 3", "\"participants\": 21", "Method 'exact'")]
    [InlineData("\"truth\": \"sizes\"", "\"truth\": \"corrupted\"", "sizes / fedavg / seed 1 cannot run: The truth is 'corrupted', but nobody is")]
    public void A_simulation_that_cannot_run_is_found_before_any_runs(string right, string wrong, string part)
    {
        using var folder = new TemporaryFolder();
        Experiment experiment = TinyExperiment.Read(folder, TinyExperiment.Json.Replace(right, wrong, StringComparison.Ordinal));
        string message = Assert.Throws<UsageException>(() => new ExperimentRunner(experiment, threads: 2).Check(default)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seeds_are_a_list_or_a_range_and_always_ascend()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([1, 2], TinyExperiment.Read(folder).Seeds);
        string range = TinyExperiment.Json.Replace("[2, 1]", "{ \"from\": 9, \"count\": 3 }", StringComparison.Ordinal);
        Assert.Equal([9, 10, 11], TinyExperiment.Read(folder, range).Seeds);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["marked.json"], TinyExperiment.Json, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal(0xEF, File.ReadAllBytes(folder["marked.json"])[0]);
        Assert.Equal("tiny", ExperimentFile.Read(folder["marked.json"]).Name);
    }

    [Fact]
    public void A_scenario_overrides_the_base()
    {
        using var folder = new TemporaryFolder();
        string json = TinyExperiment.Json.Replace("{ \"name\": \"sizes\",", "{ \"name\": \"sizes\", \"rounds\": 5,", StringComparison.Ordinal);
        Assert.Equal([5, 2], TinyExperiment.Read(folder, json).Scenarios.Select(s => s.Options.Rounds));
    }

    [Fact]
    public void FedProx_is_an_aggregator_of_an_experiment_by_its_weight_which_stands_before_the_scenarios()
    {
        using var folder = new TemporaryFolder();
        const string prox = "{ \"name\": \"prox\", \"aggregator\": \"fedavg\", \"proximal-mu\": 0.1 }";
        string json = TinyExperiment.Json
            .Replace("[\"fedavg\", ", $"[\"fedavg\", {prox}, ", StringComparison.Ordinal)
            .Replace("{ \"name\": \"sizes\",", "{ \"name\": \"sizes\", \"proximal-mu\": 0.5,", StringComparison.Ordinal);
        Experiment experiment = TinyExperiment.Read(folder, json);
        Assert.Equal(["fedavg", "prox", "flower's \"m\""], experiment.Aggregators.Select(a => a.Name));
        Assert.Equal(
            [0.5, 0.1, 0.5, 0, 0.1, 0], experiment.Cells().Where(cell => cell.Seed == 1).Select(cell => experiment.Options(cell).ProximalMu));
        Assert.All(experiment.Cells().Where(cell => cell.Aggregator == 1), cell => Assert.Equal("fedavg", experiment.Options(cell).Aggregator));
        new ExperimentRunner(experiment, threads: 2).Check(default);

        Experiment negative = TinyExperiment.Read(folder, json.Replace("0.1", "-1", StringComparison.Ordinal));
        Assert.Contains("prox / seed 1 cannot run: ",
            Assert.Throws<UsageException>(() => new ExperimentRunner(negative, threads: 2).Check(default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_neither_a_file_nor_built_in_is_refused() =>
        Assert.Contains("fedrandom, volatility", Assert.Throws<UsageException>(() => ExperimentFile.Read("absent.json")).Message);

    [Fact]
    public void Every_simulation_of_the_built_in_experiments_can_run()
    {
        Assert.Equal(["fedrandom", "volatility"], ShippedExperiments.Names);
        foreach (string name in ShippedExperiments.Names)
        {
            Experiment experiment = ExperimentFile.Read(name);
            Assert.Equal(name, experiment.Name);
            new ExperimentRunner(experiment with { Seeds = [.. experiment.Seeds.Take(2)] }, Environment.ProcessorCount).Check(default);
        }
    }
}
