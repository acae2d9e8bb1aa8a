using System.Globalization;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Events;
using Spectre.Console;

namespace FedValue.Cli.Output;

/// <summary>Shows a running simulation on standard error: a live bar on a terminal, one line per round elsewhere.</summary>
static class SimulationProgressView
{
    public static async Task<SimulationOutcome> RunAsync(Func<IProgress<SimulationProgress>, Task<SimulationOutcome>> run)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive || Console.IsErrorRedirected)
            return await run(new Lines());
        return await console.Progress().AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => run(new Bar(context.AddTask("starting"))));
    }

    /// <summary>Training and every method of a round are one step each.</summary>
    sealed class Bar(ProgressTask task) : IProgress<SimulationProgress>
    {
        public void Report(SimulationProgress at)
        {
            task.MaxValue = at.Rounds;
            task.Value = at.Paid is null ? at.Round - 1 : at.Round;
            task.Description = Markup.Escape(at.Paid is null ? $"round {at.Round}/{at.Rounds}: {at.Step}" : Line(at));
        }
    }

    sealed class Lines : IProgress<SimulationProgress>
    {
        public void Report(SimulationProgress at)
        {
            if (at.Paid is not null)
                Console.Error.WriteLine(Line(at));
        }
    }

    static string Line(SimulationProgress at)
    {
        RoundAggregated round = at.Paid!.Aggregated; // a simulation always has validation rows
        (double loss, double accuracy) = (round.ValidationLoss!.Value.Value, round.ValidationAccuracy!.Value.Value);
        return string.Create(CultureInfo.InvariantCulture, $"round {at.Round}/{at.Rounds}: loss {loss:F4}, accuracy {accuracy:P1}");
    }
}
