using System.Diagnostics;
using System.Globalization;
using FedValue.Cli.Experiments;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>Shows a running experiment on standard error: a live bar on a terminal, a line now and then elsewhere.</summary>
static class ExperimentProgressView
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Func<IProgress<ExperimentProgress>, Task> run)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive || Console.IsErrorRedirected)
        {
            await run(new Lines());
            return;
        }
        await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => run(new Bar(context.AddTask("starting"))));
    }

    internal static string Line(ExperimentProgress at) =>
        $"{at.Done} of {at.Total} simulations, {Clock(at.Elapsed)}"
        + (at.Remaining is { } left && at.Done < at.Total ? $", about {Clock(left)} left" : "");

    static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:D2} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:D2} s");

    sealed class Bar(ProgressTask task) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress at)
        {
            task.MaxValue = at.Total;
            task.Value = at.Done;
            task.Description = Markup.Escape(Line(at));
        }
    }

    sealed class Lines : IProgress<ExperimentProgress>
    {
        long? _last;

        public void Report(ExperimentProgress at)
        {
            if (_last is { } last && at.Done < at.Total && Stopwatch.GetElapsedTime(last) < BetweenLines)
                return;
            _last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(Line(at));
        }
    }
}
