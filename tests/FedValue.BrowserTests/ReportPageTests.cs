using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedValue.Tests.Cli;
using FedValue.Tests.Support;
using Microsoft.Playwright;

namespace FedValue.BrowserTests;

/// <summary>The report of a real run in a real browser.</summary>
public sealed partial class ReportPageTests : IClassFixture<ReportPageTests.Run>
{
    readonly Run _run;

    public ReportPageTests(Run run) => _run = run;

    [FactInABrowser]
    public async Task The_page_loads_nothing_from_elsewhere_and_complains_about_nothing()
    {
        await using Page page = await OpenAsync();
        Assert.Empty(page.Complaints);
        Assert.Equal([page.Address], page.Requests);
        Assert.Equal(8, await page.Content.Locator("h2").CountAsync());
    }

    [FactInABrowser]
    public async Task Anomalies_are_named_apart_from_values()
    {
        await using Page page = await OpenAsync();
        string text = await page.Content.Locator("#anomalies").InnerTextAsync();
        JsonElement[] findings = [.. _run.Result.GetProperty("anomalies").GetProperty("findings").EnumerateArray()];
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Contains(finding.GetProperty("sentence").GetString()!, text));
    }

    [FactInABrowser]
    public async Task Every_participant_is_there_with_its_payout()
    {
        await using Page page = await OpenAsync();
        string text = await page.Content.Locator("#participants").InnerTextAsync();
        foreach (JsonElement participant in _run.Result.GetProperty("participants").EnumerateArray())
        {
            Assert.Contains(participant.GetProperty("id").GetString()!, text);
            Assert.Contains(participant.GetProperty("payout").GetInt64().ToString("N0", CultureInfo.InvariantCulture), text);
        }
        Assert.Contains(_run.Result.GetProperty("root").GetString()!, await page.Content.Locator("body").InnerTextAsync());
    }

    [FactInABrowser]
    public async Task Choosing_a_method_shows_its_charts_and_hides_the_others()
    {
        await using Page page = await OpenAsync();
        ILocator choices = page.Content.Locator("#values input[name=method]");
        int methods = await choices.CountAsync();
        Assert.Equal(_run.Result.GetProperty("methods").GetArrayLength(), methods);
        var shown = new HashSet<string>();
        for (int m = 0; m < methods; m++)
        {
            await page.Content.Locator($"#values label[for={await choices.Nth(m).GetAttributeAsync("id")}]").First.ClickAsync();
            Assert.True(await choices.Nth(m).IsCheckedAsync());
            shown.Add(await page.Content.Locator("#values").InnerTextAsync());
        }
        Assert.Equal(methods, shown.Count);
        Assert.Contains(shown, text => text.Contains("no interval"));
    }

    [FactInABrowser]
    public async Task Nothing_is_wider_than_the_window_on_a_desk_or_a_phone()
    {
        foreach (int width in new[] { 1280, 400 })
        {
            await using Page page = await OpenAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 } });
            int needed = await page.Content.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(needed <= width, $"the page needs {needed} pixels in a window of {width}");
        }
    }

    [FactInABrowser]
    public async Task Charts_have_a_size_a_title_and_marks()
    {
        await using Page page = await OpenAsync();
        ILocator charts = page.Content.Locator("#payouts svg, #methods svg, #model svg, #participants svg");
        int visible = 0;
        for (int i = 0; i < await charts.CountAsync(); i++)
        {
            if (await charts.Nth(i).BoundingBoxAsync() is not { Width: > 100, Height: > 60 } box)
                continue; // a mark of a legend or a bar in a table
            visible++;
            Assert.True(await charts.Nth(i).Locator("path, line, rect, circle, polyline").CountAsync() > 0, $"chart {i} at {box.Y} is empty");
        }
        Assert.True(visible >= 3, $"only {visible} charts are visible");
        foreach (string section in new[] { "#payouts", "#methods", "#model" })
            Assert.True(await page.Content.Locator($"{section} svg title").CountAsync() > 0, $"no chart of {section} has a title");
    }

    [FactInABrowser]
    public async Task A_dark_scheme_gives_a_dark_page_with_light_text()
    {
        foreach (ColorScheme scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using Page page = await OpenAsync(new BrowserNewPageOptions { ColorScheme = scheme });
            string[] colors = await page.Content.EvaluateAsync<string[]>(
                "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]");
            Assert.Equal(scheme == ColorScheme.Dark, Lightness(colors[0]) < Lightness(colors[1]));
        }
    }

    static double Lightness(string color) =>
        Numbers().Matches(color).Take(3).Average(number => double.Parse(number.Value, CultureInfo.InvariantCulture));

    async Task<Page> OpenAsync(BrowserNewPageOptions? options = null) => await Page.OpenAsync(_run.Report, options);

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Numbers();

    /// <summary>One open page and what it asked for and complained about.</summary>
    sealed class Page(IPlaywright playwright, IBrowser browser, IPage content, string address) : IAsyncDisposable
    {
        public IPage Content { get; } = content;

        public string Address { get; } = address;

        public List<string> Requests { get; } = [];

        public List<string> Complaints { get; } = [];

        public static async Task<Page> OpenAsync(string file, BrowserNewPageOptions? options)
        {
            IPlaywright playwright = await Playwright.CreateAsync();
            IBrowser browser = await Browser.LaunchAsync(playwright);
            IPage content = await browser.NewPageAsync(options);
            var page = new Page(playwright, browser, content, new Uri(file).AbsoluteUri);
            content.Request += (_, request) => page.Requests.Add(request.Url);
            content.Console += (_, message) => page.Complaints.Add(message.Text);
            content.PageError += (_, error) => page.Complaints.Add(error);
            await content.GotoAsync(page.Address);
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    /// <summary>One small run whose report all tests open.</summary>
    public sealed class Run : IAsyncLifetime
    {
        readonly TemporaryFolder _folder = new();

        internal string Report => _folder["run/report.html"];

        internal JsonElement Result { get; private set; }

        public async Task InitializeAsync()
        {
            ProcessOutcome run = await FedValueProcess.RunAsync(_folder.Path, "simulate", "--rounds", "4", "--out", "run", "--json");
            Assert.True(run.ExitCode == 0, run.Error);
            Result = JsonDocument.Parse(run.Output).RootElement;
        }

        public Task DisposeAsync()
        {
            _folder.Dispose();
            return Task.CompletedTask;
        }
    }
}
