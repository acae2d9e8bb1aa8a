using System.Globalization;
using System.Xml.Linq;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;
using FedValue.Tests.Federation.Simulation;

namespace FedValue.Tests.Cli.Reporting;

public class HtmlReportEdgeTests
{
    static readonly SimulationOptions Small = ReportRuns.Small;

    [Fact]
    public async Task One_participant_has_a_report()
    {
        XElement report = await ReportRuns.ReportAsync(Small with { Participants = 1 });

        Assert.Single(report.People().Element("tbody")!.Elements("tr"));
        Assert.Empty(report.WithClass("heat"));
    }

    [Fact]
    public async Task One_round_has_a_report()
    {
        XElement report = await ReportRuns.ReportAsync(Small with { Rounds = 1 });

        Assert.Empty(report.Section("values").WithClass("course"));
        Assert.Contains(report.Section("payouts").WithClass("line"), line => line.Attribute("d")!.Value.Contains('L'));
    }

    [Fact]
    public async Task A_round_that_a_method_leaves_out_has_a_value_without_a_band()
    {
        const string method = "tmr:decay=0.1:truncation=0.009"; // 0.1, 0.01, and 0.001 is left out
        RunSummary summary = await ReportRuns.RunAsync(Small with { Rounds = 3, Methods = ["exact", method] });
        XElement[] courses = [.. ReportRuns.Parse(summary).PanelOf(summary, method).WithClass("course")];

        Assert.Equal(6, courses.Length); // three participants, on their own and on the common scale
        Assert.All(courses, course => Assert.Single(course.WithClass("open")));
        Assert.All(courses, course => Assert.Single(course.WithClass("band")));
        Assert.All(courses.SelectMany(course => course.WithClass("band")), band =>
            Assert.Equal(3, band.Attribute("d")!.Value.Count(c => c == 'L'))); // over two rounds
    }

    [Fact]
    public async Task Totals_by_a_rule_say_so_and_plain_ones_need_not()
    {
        const string sentence =
            "Totals are not plain sums: values scaled to 0 to 1 in each round, rounds weighted 2/2, 1/2, ... 0. "
            + "Values per round are as the method gave them, and payouts follow those.";
        XElement plain = await ReportRuns.ReportAsync(Small);
        XElement ruled = await ReportRuns.ReportAsync(Small with { RoundWeights = "halting:2", RoundNormalization = "min-max" });
        Assert.DoesNotContain("not plain sums", plain.Value);
        Assert.Contains(ruled.Section("values").Descendants("p"), p => p.Value == sentence);
    }

    [Fact]
    public async Task Who_pays_by_hardness_is_told_what_that_rewards()
    {
        SimulationOptions options = Small with { Methods = ["exact", "hardness"], Rounds = 1 };
        Assert.DoesNotContain((await ReportRuns.RunAsync(options)).Warnings, warning => warning.Contains("reward noise"));
        Assert.Contains((await ReportRuns.RunAsync(options with { PayBy = "hardness" })).Warnings, warning => warning.Contains("reward noise"));
    }

    [Theory]
    [InlineData("krum:byzantine=1", "krum:byzantine=1", 5)]
    [InlineData("fedrandom:fedavg,bulyan:byzantine=2", "bulyan:byzantine=2", 11)]
    public async Task A_round_too_small_for_what_a_rule_is_set_to_withstand_is_said_to_be(string aggregator, string rule, int fewest)
    {
        SimulationOptions options = Small with { Aggregator = aggregator, Methods = ["cosine"], Rounds = 1 };
        Assert.Contains(
            $"{rule} withstands that many malicious participants only in rounds of {fewest} or more, but 3 participants are invited: it aggregates "
            + "without that guarantee.", (await ReportRuns.RunAsync(options)).Warnings);
        RunSummary enough = await ReportRuns.RunAsync(options with { Participants = fewest });
        Assert.DoesNotContain(enough.Warnings, warning => warning.Contains("withstands"));
    }

    [Fact]
    public async Task An_own_table_is_named_without_its_folders()
    {
        using var file = new CsvFile("a,b,who,y\n" + string.Concat(Enumerable.Range(0, 90).Select(i => $"{i},{7 * i % 11},p{i % 3},{i % 2}\n")));
        XElement report = await ReportRuns.ReportAsync(
            new SimulationOptions { Dataset = file.Spec("participant=who"), Methods = ["cosine"], Rounds = 1, Threads = 1, Validation = 0.3m });
        Assert.Contains("model on table.csv (participant=who), divided as", report.WithClass("lede").Single().Value);
        Assert.DoesNotContain(file.Folder, report.ToString());
    }

    [Fact]
    public async Task A_hundred_rounds_have_a_report()
    {
        XElement report = await ReportRuns.ReportAsync(
            Small with { Rounds = 100, Methods = ["cosine"], PayBy = "cosine", Aggregator = "fedrandom" });

        XElement strips = report.Section("model").WithClass("totals").Single();
        Assert.Equal(100, strips.WithClass("drawn").Count());
        Assert.Equal(300, strips.WithClass("idle").Count());
    }

    [Fact]
    public async Task Many_participants_scroll_in_their_own_box_and_few_lines_have_names()
    {
        XElement report = await ReportRuns.ReportAsync(
            Small with { Dataset = "digits", Participants = 64, Methods = ["in-run"], PayBy = "in-run", Rounds = 2 });

        Assert.Equal(64, report.Section("participants").WithClass("long").Single().WithClass("examples").Count());
        XElement chart = report.Section("payouts").WithClass("chart").Single();
        Assert.Equal(64, chart.WithClass("line").Count());
        Assert.InRange(chart.WithClass("label").Count(), 8, 9);
    }

    [Fact]
    public async Task Without_methods_there_are_payouts_but_no_values()
    {
        RunSummary summary = await ReportRuns.RunAsync(Small with { Methods = [], Policy = "equal" });
        XElement report = ReportRuns.Parse(summary);

        Assert.Empty(report.WithClass("value"));
        Assert.DoesNotContain(report.Descendants("section"), section => (string?)section.Attribute("id") is "values" or "methods");
        Assert.Equal(
            summary.History.State.Balances.Values.Order().Select(Figures.Count),
            report.People().Element("tbody")!.WithClass("payout").Select(payout => payout.Value).Reverse());
    }

    [Fact]
    public async Task Where_nobody_earns_everything_is_unallocated_and_ranks_are_undefined()
    {
        RunSummary summary = await ReportRuns.RunAsync(
            Small with { Corrupt = ["free-rider@1,2,3"], Methods = ["in-run", "cosine"], PayBy = "in-run" });
        XElement report = ReportRuns.Parse(summary);

        Assert.Equal(200_000, summary.History.State.Unallocated);
        Assert.Equal(["-", "-", "-", "-"], report.WithClass("heat").Single().WithClass("cell").Select(cell => cell.Value));
        Assert.Contains(report.Section("payouts").WithClass("label"), label => label.Value == "unallocated  200,000");
        Assert.DoesNotContain(report.Section("participants").Descendants("p"), p => p.Value.Contains("above zero", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_negative_total_has_a_real_minus_sign_and_its_own_colour()
    {
        RunSummary summary = await ReportRuns.RunAsync(
            Small with { Corrupt = ["label-flip:1@1"], Methods = ["in-run"], PayBy = "in-run" });
        int flipped = summary.History.PlaceOf("participant-1");
        XElement row = ReportRuns.Parse(summary).People().Descendants("tr").Single(tr => tr.WithClass("id").Any(id => id.Value == "participant-1"));

        Assert.True(summary.Methods[0].Total.Values[flipped] < 0);
        Assert.StartsWith("−0.", row.WithClass("value").Single().Value, StringComparison.Ordinal);
        Assert.Single(row.WithClass("minus"));
        Assert.Contains("labels flipped", row.WithClass("done").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missed_round_is_a_gap_and_never_a_zero()
    {
        RunSummary summary = await ReportRuns.RunAsync(
            Small with { Participants = 5, Participation = 0.4m, Rounds = 6, Methods = ["in-run"], PayBy = "in-run" });
        XElement panels = ReportRuns.Parse(summary).PanelOf(summary, "in-run").WithClass("own").Single();

        foreach (XElement figure in panels.Descendants("figure"))
        {
            string id = figure.WithClass("id").Single().Value;
            bool[] present = [.. summary.History.Rounds.Select(round => round.Participants.Contains(id))];
            int stretches = present.Where((here, r) => here && r > 0 && present[r - 1] && (r == 1 || !present[r - 2])).Count();
            Assert.Equal(stretches, figure.WithClass("trace").Count());
            Assert.Equal(present.Count(here => here), figure.WithClass("point").Count());
            Assert.Equal(present.Count(here => here), figure.WithClass("present").Count());
        }
    }

    [Fact]
    public async Task Somebody_who_never_took_part_has_no_value_and_no_interval()
    {
        RunSummary summary = await ReportRuns.RunAsync(
            Small with { Participants = 5, Participation = 0.4m, Rounds = 1, Methods = ["in-run"], PayBy = "in-run" });
        XElement rows = ReportRuns.Parse(summary).People().Element("tbody")!;

        string[] absent = [.. summary.History.Participants.Where(p => summary.History.RoundsOf(p) == 0)];
        Assert.Equal(3, absent.Length);
        foreach (string id in absent)
        {
            XElement row = rows.Elements("tr").Single(tr => tr.WithClass("id").Single().Value == id);
            Assert.Equal("- took no part", row.WithClass("value").Single().Value);
            Assert.Empty(row.WithClass("dot"));
        }
    }

    [Fact]
    public async Task FedRandom_shows_which_rule_was_drawn_in_which_round()
    {
        RunSummary summary = await ReportRuns.RunAsync(
            Small with { Rounds = 6, Aggregator = "fedrandom:fedavg,fedmedian,fedavgm", Methods = ["cosine"], PayBy = "cosine" });
        XElement model = ReportRuns.Parse(summary).Section("model");

        IEnumerable<string> shown = model.WithClass("grid").Single(e => e.Name == "table").Element("tbody")!.Elements("tr").Skip(1)
            .Select(row => row.Elements("td").First().Value);
        Assert.Equal(summary.History.Rounds.Select(r => r.Opened.Aggregator.Split(':')[0]), shown);
    }

    [Fact]
    public async Task Names_from_a_table_are_text_and_never_markup()
    {
        string[] classes = ["<img src=x onerror=alert(1)>", "a & \u0001 'b'"];
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, ["x,y,label", .. Enumerable.Range(0, 120).Select(i =>
                string.Create(CultureInfo.InvariantCulture, $"{i % 7},{i % 2 * 3},{classes[i % 2]}"))]);
            RunSummary summary = await ReportRuns.RunAsync(Small with { Dataset = "csv:" + file + ",label=label", Partition = "iid" });
            XElement report = ReportRuns.Parse(summary);

            Assert.Empty(report.Descendants("img"));
            IEnumerable<string> shown = report.Section("participants").Element("details")!.Descendants("th").Select(th => th.Value);
            Assert.Contains(classes[0], shown);
            Assert.Contains("a & \uFFFD 'b'", shown);
            Assert.DoesNotContain(Path.GetDirectoryName(file)! + Path.DirectorySeparatorChar, HtmlReport.Write(summary), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Without_test_rows_the_report_says_so()
    {
        XElement report = await ReportRuns.ReportAsync(Small with { Test = 0 });

        Assert.Contains(report.WithClass("card"), card => card.Value.Contains("no test rows", StringComparison.Ordinal));
        Assert.Equal(2, report.Section("model").WithClass("label").Count());
    }
}
