using System.Text.Json.Nodes;
using System.Xml.Linq;
using FedValue.Cli.Output;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Agreement;

namespace FedValue.Tests.Cli.Reporting;

public sealed class CounterfactualSectionTests : IClassFixture<CounterfactualSectionTests.PooledRun>
{
    readonly RunSummary _summary;
    readonly CounterfactualSummary _pool;
    readonly XElement _section;

    public CounterfactualSectionTests(PooledRun run)
    {
        (_summary, _pool) = (run.Summary, run.Summary.Counterfactual!);
        _section = ReportRuns.Parse(_summary).Section("counterfactual");
    }

    public sealed class PooledRun : IAsyncLifetime
    {
        internal RunSummary Summary { get; private set; } = null!;

        public async Task InitializeAsync() => Summary = await ReportRuns.RunAsync(ReportRuns.Small with
        {
            Methods = ["exact"], Counterfactual = ["fedavg", "fedadam", "krum"], Partition = "size-dirichlet:4",
        });

        public Task DisposeAsync() => Task.CompletedTask;
    }

    [Fact]
    public void Every_aggregator_has_a_mark_for_every_participant_and_a_column_of_shares_and_values()
    {
        Assert.Equal(9 + 3, _section.WithClass("member").Count()); // and three in the legend
        Assert.Equal(3 + 1, _section.WithClass("pool-mean").Count());
        XElement table = _section.Element("details")!.Descendants("table").Single();
        Assert.Equal(
            ["participant", "fedavg", "fedadam", "krum", "mean", "spread"], table.Element("thead")!.Descendants("th").Select(th => th.Value));
        foreach (XElement row in table.Element("tbody")!.Elements("tr"))
        {
            int k = _summary.History.PlaceOf(row.Element("th")!.Value);
            Assert.Equal(
                [.. _pool.Members.Append(_pool.Mean).Select(member => Figures.Percent(member.Shares![k]))],
                row.Elements("td").Take(4).Select(td => td.Nodes().OfType<XText>().First().Value));
        }
    }

    [Fact]
    public void The_figures_are_those_of_the_totals_of_the_members()
    {
        int n = _summary.History.Participants.Count;
        for (int m = 0; m < 3; m++)
        {
            double[] total = new double[n];
            foreach (var round in _summary.History.Rounds)
            {
                for (int j = 0; j < round.Participants.Count; j++)
                    total[_summary.History.PlaceOf(round.Participants[j])] += round.Estimates[_pool.Method].MemberValues[m][j];
            }
            Assert.Equal(total, _pool.Members[m].Values!);
            Assert.Equal(ShareDistance.PositiveShares(total)!, _pool.Members[m].Shares!);
        }
        double L1(int a, int b) => _pool.Members[a].Shares!.Zip(_pool.Members[b].Shares!, (x, y) => Math.Abs(x - y)).Sum();
        Assert.Equal((L1(0, 1) + L1(0, 2) + L1(1, 2)) / 3, _pool.Stability!.Value, 1e-12);
        Assert.Equal(1, _pool.Sizes.Sum(), 1e-12);
        Assert.Equal(_pool.Sizes.Sum(size => (size - 1.0 / n) * (size - 1.0 / n)), _pool.Equal.SquaredDistance!.Value, 1e-12);
        Assert.Equal(_pool.Sizes.Max(size => Math.Abs(size - 1.0 / n)), _pool.Equal.LargestDistance!.Value, 1e-12);
        Assert.True(_pool.SizeIsTruth);
    }

    [Fact]
    public void Run_json_holds_the_pool_and_its_figures()
    {
        JsonNode pool = RunJson.Result(_summary)["counterfactual"]!;
        Assert.Equal(_pool.Members.Select(m => m.Name), pool["aggregators"]!.AsArray().Select(m => (string)m!["name"]!));
        Assert.Equal(_pool.Stability, (double)pool["meanPairwiseDistance"]!);
        Assert.Equal(_pool.Mean.SquaredDistance, (double)pool["mean"]!["squaredDistanceToSizes"]!);
        Assert.Equal(_pool.Total.MemberDeviations, pool["standardDeviation"]!.AsArray().Select(d => (double)d!));
        Assert.Equal(
            _pool.Members.Select(m => m.Name), JsonNode.Parse(RunJson.Write(_summary))!["counterfactual"]!.AsArray().Select(m => (string)m!));
    }

    [Fact]
    public void The_table_of_contributions_has_a_last_column_for_the_spread()
    {
        string[][] lines = [.. ContributionsCsv.Write(_summary.History).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))];
        Assert.Equal("member_standard_deviation", lines[0][^1]);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.All(lines.Skip(1), line => Assert.Equal(line[2] == "exact", line[^1] == ""));
    }

    [Fact]
    public void The_console_shows_every_aggregator_however_narrow_it_is()
    {
        Assert.Single(CounterfactualTable.Of(_pool, _summary.History.Participants, width: 100));
        Assert.Equal(6, CounterfactualTable.Of(_pool, _summary.History.Participants, width: 1).Count());
        Assert.StartsWith("counterfactual: mean L1 distance between two aggregators' shares 0.", CounterfactualTable.Line(_pool));
    }

    [Fact]
    public async Task Without_the_option_nothing_speaks_of_it()
    {
        RunSummary plain = await ReportRuns.RunAsync(ReportRuns.Small with { Methods = ["exact"], Rounds = 1 });
        Assert.Null(plain.Counterfactual);
        Assert.DoesNotContain(
            ReportRuns.Parse(plain).Descendants("section"), section => (string?)section.Attribute("id") == "counterfactual");
        Assert.Null(RunJson.Result(plain)["counterfactual"]);
        Assert.EndsWith(",payout", ContributionsCsv.Write(plain.History).Split('\n')[0]);
    }

    [Fact]
    public async Task Sizes_are_not_called_the_truth_where_the_data_differ_otherwise()
    {
        SimulationOptions options = ReportRuns.Small with { Methods = ["exact"], Counterfactual = ["fedavg"], Rounds = 1 };
        RunSummary corrupted = await ReportRuns.RunAsync(options with { Corrupt = ["label-flip:0.5@1"] });
        Assert.False(corrupted.Counterfactual!.SizeIsTruth);
        Assert.Null(corrupted.Counterfactual.Stability); // one aggregator
        Assert.Contains("not being wrong", ReportRuns.Parse(corrupted).Section("counterfactual").Value);
        Assert.False(SizeIsTruth(await ReportRuns.RunAsync(options with { Partition = "dirichlet:1" })));

        static bool SizeIsTruth(RunSummary summary) => summary.Counterfactual!.SizeIsTruth;
    }
}
