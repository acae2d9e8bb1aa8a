using System.Xml.Linq;
using FedValue.Cli.Reporting;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Cli.Reporting;

public sealed class HtmlReportTests : IClassFixture<HtmlReportTests.SmallReport>
{
    readonly RunSummary _summary;
    readonly XElement _report;

    public HtmlReportTests(SmallReport small) => (_summary, _report) = (small.Summary, small.Report);

    [Fact]
    public void A_report_loads_and_runs_nothing()
    {
        string[] loading =
            ["script", "link", "img", "iframe", "object", "embed", "audio", "video", "base", "form", "use", "image", "foreignObject"];
        List<XAttribute> attributes = [.. _report.Descendants().Attributes()];

        Assert.DoesNotContain(_report.Descendants(), element => loading.Contains(element.Name.LocalName));
        Assert.DoesNotContain(attributes, attribute => attribute.Value.Contains("://", StringComparison.Ordinal));
        Assert.DoesNotContain(attributes, attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(_report.Descendants().Attributes("href"), link => Assert.StartsWith("#", link.Value, StringComparison.Ordinal));
        Assert.All(_report.Descendants("style"), style =>
        {
            Assert.DoesNotContain("url(", style.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("@import", style.Value, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_report_forbids_browsers_to_load_anything() => Assert.Contains(
        _report.Descendants("meta"),
        meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy"
            && meta.Attribute("content")!.Value.StartsWith("default-src 'none'", StringComparison.Ordinal));

    [Fact]
    public void The_style_sheet_reads_the_same_for_HTML_and_XML() =>
        Assert.DoesNotContain(ReportStyle.Sheet + ValuesSection.Style(new ReportView(_summary)), c => c is '<' or '>' or '&');

    [Fact]
    public void Links_lead_to_sections_and_labels_to_buttons()
    {
        List<string> ids = [.. _report.Descendants().Attributes("id").Select(id => id.Value)];

        Assert.Equal(ids.Distinct(), ids);
        Assert.All(_report.Descendants("a"), link => Assert.Contains(link.Attribute("href")!.Value[1..], ids));
        Assert.All(_report.Descendants("label"), label => Assert.Contains(label.Attribute("for")!.Value, ids));
    }

    [Fact]
    public void Every_participant_is_shown_with_examples_value_interval_and_payout()
    {
        XElement table = _report.People();
        var format = ValueFormat.For(_summary.Methods[0].Total.Values);

        foreach (SimulatedParticipant participant in _summary.Plan.Participants)
        {
            int k = _summary.History.PlaceOf(participant.Id);
            XElement row = table.Descendants("tr").Single(tr => tr.WithClass("id").Any(id => id.Value == participant.Id));
            Assert.Equal(Figures.Count(participant.Rows.Count), row.WithClass("examples").Single().Value);
            Assert.Equal(Figures.Count(_summary.History.State.Balances[participant.Id]), row.WithClass("payout").Single().Value);
            Assert.Equal(
                format.Number(_summary.Methods[0].Total.Values[k]) + " " + format.Half(_summary.Methods[0].Total.Interval(k)),
                row.WithClass("value").Single().Value);
        }
    }

    [Fact]
    public void Every_value_of_every_round_and_method_stands_in_a_table()
    {
        foreach (MethodSummary method in _summary.Methods)
        {
            XElement table = _report.PanelOf(_summary, method.Info.Name).Element("details")!.Descendants("tbody").Single();
            var values = _summary.History.Rounds.SelectMany(round => round.Estimates[method.Info.Name].Values).ToList();
            var format = ValueFormat.For(values);

            Assert.Equal(
                values.Select(format.Number).Order(StringComparer.Ordinal),
                table.Descendants("td").Select(cell => cell.Nodes().OfType<XText>().First().Value).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Payouts_of_every_round_stand_in_a_table()
    {
        XElement table = _report.Section("payouts").Descendants("tbody").Single();

        foreach (string participant in _summary.History.Participants)
        {
            XElement row = table.Elements("tr").Single(tr => tr.Element("th")!.Value == participant);
            Assert.Equal(
                _summary.History.Rounds.Select(r => r.Payouts.Payouts.Single(p => p.Participant == participant))
                    .Select(payout => "+" + Figures.Count(payout.Amount)),
                row.WithClass("under").Select(span => span.Value));
        }
    }

    [Fact]
    public void A_method_without_validation_rows_and_sampling_says_no_interval_and_draws_none()
    {
        XElement panel = _report.PanelOf(_summary, "gradient-shapley");

        IEnumerable<XElement> cells = panel.WithClass("totals").Single().Descendants("td");
        Assert.Equal(_summary.History.Participants.Count, cells.Count(cell => cell.Value == "no interval"));
        Assert.Empty(panel.WithClass("band"));
        Assert.Empty(panel.WithClass("whisker"));
        Assert.NotEmpty(panel.WithClass("trace"));
    }

    [Fact]
    public void A_method_with_intervals_draws_a_band_for_every_participant()
    {
        XElement panel = _report.PanelOf(_summary, "permutation").WithClass("own").Single();

        Assert.Equal(_summary.History.Participants.Count, panel.WithClass("band").Count());
        Assert.Equal(_summary.History.Participants.Count, panel.WithClass("trace").Count());
    }

    [Fact]
    public void The_paying_method_is_the_one_shown_first()
    {
        XElement chosen = _report.Descendants("input").Single(input => input.Attribute("checked") is not null);

        Assert.Equal("exact", _summary.Plan.Options.PayBy);
        Assert.Equal("m0", (string?)chosen.Attribute("id"));
    }

    [Fact]
    public void The_root_and_the_command_that_audits_it_are_shown()
    {
        string root = _summary.History.Head.Root.ToString();

        Assert.Contains(_report.Descendants("code"), code => code.Value == root);
        Assert.Contains(_report.Descendants("pre"), pre => pre.Value == $"fedvalue audit . --recompute --root {root}");
    }

    [Fact]
    public void Every_warning_is_shown_before_the_first_section()
    {
        XElement header = _report.Descendants("header").Single();

        Assert.Equal(_summary.Warnings, header.Descendants("li").Select(item => item.Value));
    }

    [Fact]
    public void Every_drawing_has_a_title_or_is_hidden_from_those_who_cannot_see_it() => Assert.All(
        _report.Descendants("svg").Where(svg => svg.Parent!.Name != "svg"),
        svg => Assert.True(svg.Attribute("aria-hidden") is not null || svg.Element("title") is { Value.Length: > 0 }));

    [Fact]
    public void The_agreement_map_is_symmetric_with_ones_on_its_diagonal()
    {
        string[][] cells = [.. _report.WithClass("heat").Single().WithClass("cell").Select(cell => cell.Value).Chunk(_summary.Methods.Count)];

        Assert.Equal(_summary.Methods.Count, cells.Length);
        for (int i = 0; i < cells.Length; i++)
        {
            Assert.Equal("1.00", cells[i][i]);
            Assert.All(Enumerable.Range(0, cells.Length), j => Assert.Equal(cells[i][j], cells[j][i]));
        }
    }

    public sealed class SmallReport : IAsyncLifetime
    {
        internal RunSummary Summary { get; private set; } = null!;

        internal XElement Report { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Summary = await ReportRuns.RunAsync(ReportRuns.Small);
            Report = ReportRuns.Parse(Summary);
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
