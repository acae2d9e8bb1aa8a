using FedValue.Cli.Output;
using FedValue.Valuation.Anomalies;
using Spectre.Console;

namespace FedValue.Tests.Cli.Output;

public class AnomalyTableTests
{
    [Theory]
    [InlineData(80, 2, "participant-")]
    [InlineData(120, 1, "participant-")]
    [InlineData(120, 2, "a-hospital-with-a-long-name-")]
    public void Names_are_not_broken_and_no_figure_is_lost(int width, int tables, string name)
    {
        AnomalyScores[] scores = [.. Enumerable.Range(1, 3).Select(k => new AnomalyScores(
            $"{name}{k}", k, 0.1 * k, $"{name}{4 - k}", 0.2 * k, 10 + k, 20 + k, 30 + k, 40 + k, 50 + k))];
        IReadOnlyList<Table> printed = AnomalyTable.Scores(scores, width);
        Assert.Equal(tables, printed.Count);
        var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        foreach (Table table in printed)
            console.Write(table);

        string text = writer.ToString();
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width));
        for (int k = 1; k <= 3; k++)
        {
            Assert.Equal(tables, text.Split('\n').Count(line => line.StartsWith($"  {name}{k} ", StringComparison.Ordinal)));
            Assert.Equal(tables + 1, text.Split($"{name}{k} ").Length - 1); // once as the one most alike
            foreach (int tens in (int[])[10, 20, 30, 40, 50])
                Assert.Contains($"{tens + k}.00", text);
        }
    }
}
