using System.Collections.Concurrent;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Hosting;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedValue.Orleans.Tests;

/// <summary>The silo that a server's federations live in.</summary>
public sealed class SiloHostingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public async Task Notes_that_come_after_the_end_of_a_federation_disturb_nobody(int milliseconds)
    {
        using var folder = new TemporaryFolder();
        var warnings = new Warnings();
        await using (SiloHosting silo = await SiloHosting.StartAsync(
            threads: 1, new FixedClock(), UnderTest.FreePort(), UnderTest.FreePort(), logging: logging => logging.AddProvider(warnings)))
        {
            for (int run = 0; run < 3; run++)
            {
                SqliteLedgerStore ledger = SqliteLedgerStore.Open(Path.Combine(folder.Path, $"{run}.sqlite"));
                IFederationHost host = await silo.OpenAsync(
                    $"ended-{run}", ledger, new InMemoryBlobStore(), 1, new FixedClock(), _ => { }, CancellationToken.None);
                await TinyFederation.BeginAsync(host);
                await host.OpenRoundAsync(TinyFederation.Participants);
                foreach (string participant in TinyFederation.Participants)
                    Assert.True((await host.SubmitAsync(TinyFederation.Submission(participant, 1))).IsAccepted);
                // Streams are looked at ten times a second, so that most notes are still on their way.
                await host.DisposeAsync();
                await ledger.DisposeAsync();
            }
            await Task.Delay(milliseconds);
        }
        Assert.True(warnings.Said.IsEmpty, string.Join(Environment.NewLine, warnings.Said));
    }

    /// <summary>Whatever a silo finds worth a warning.</summary>
    sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Said { get; } = [];

        /// <summary>Of streams and grains; not what a silo thinks of the machine.</summary>
        public ILogger CreateLogger(string categoryName) =>
            categoryName.Contains("Stream", StringComparison.Ordinal) || categoryName.Contains("Grain", StringComparison.Ordinal)
                ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Said.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
