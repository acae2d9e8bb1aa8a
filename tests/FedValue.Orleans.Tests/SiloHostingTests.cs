using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
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

    [Fact]
    public async Task A_second_silo_on_the_same_ports_is_refused_and_one_that_follows_is_not()
    {
        int siloPort = UnderTest.FreePort(), gatewayPort = UnderTest.FreePort(), other = UnderTest.FreePort();
        Task<SiloHosting> StartAsync(int silo, int gateway) => SiloHosting.StartAsync(threads: 1, new FixedClock(), silo, gateway);
        for (int run = 0; run < 2; run++) // what the first one leaves of its connections keeps nobody out
        {
            await using SiloHosting first = await StartAsync(siloPort, gatewayPort);
            Assert.Contains("--silo-port", (await Assert.ThrowsAsync<IOException>(() => StartAsync(siloPort, 0))).Message);
            Assert.Contains("--gateway-port", (await Assert.ThrowsAsync<IOException>(() => StartAsync(other, gatewayPort))).Message);
        }
    }

    [Fact]
    public async Task The_second_silo_program_on_the_same_ports_says_so_in_one_sentence_and_ends_with_exit_code_2()
    {
        int port = UnderTest.FreePort();
        await using SiloHosting first = await SiloHosting.StartAsync(threads: 1, new FixedClock(), port, gatewayPort: 0);
        Assert.StartsWith(
            $"fedvalue: The server could not be started: Expected port {port} of this machine to be free", await RefusedAsync("--silo-port", port));
    }

    [Fact]
    public async Task A_silo_program_whose_port_is_none_says_so_in_one_sentence_and_ends_with_exit_code_2()
    {
        const string start = "fedvalue: The server could not be started: Expected ";
        Assert.StartsWith(start + "--silo-port to be a port from 1 to 65535, but 99999 came", await RefusedAsync("--silo-port", 99999));
        Assert.StartsWith(start + "--gateway-port to be a port from 1 to 65535, or 0", await RefusedAsync("--gateway-port", -1));
    }

    [Theory]
    [InlineData("", "The only command is serve, but none came. Run 'fedvalue-orleans --help'")]
    [InlineData("serve", "Option '--data' is required.")]
    [InlineData("serve --data d --url x", "'--url'")]
    [InlineData("serve --data d --silo-port abc", "--silo-port takes a whole number, but 'abc' came. Run 'fedvalue-orleans serve --help'")]
    public async Task What_the_silo_program_cannot_do_is_one_sentence_and_exit_code_2(string arguments, string part)
    {
        using var folder = new TemporaryFolder();
        string[] program = UnderTest.ServeCommand(folder.Path, "http://127.0.0.1:0")[..2];
        string said = await RefusedAsync([.. program, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.StartsWith("fedvalue: ", said);
        Assert.Contains(part, said);
    }

    [Theory]
    [InlineData(99999, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(30000, 65536)]
    [InlineData(30000, -1)]
    [InlineData(30000, 30000)]
    public async Task Only_the_gateway_may_have_no_port_and_no_two_the_same(int silo, int gateway) =>
        await Assert.ThrowsAsync<FormatException>(() => SiloHosting.StartAsync(threads: 1, new FixedClock(), silo, gateway));

    /// <summary>The sentence of a silo program that does not start.</summary>
    static async Task<string> RefusedAsync(string option, int port)
    {
        using var folder = new TemporaryFolder();
        string[] command = UnderTest.ServeCommand(folder.Path, "http://127.0.0.1:0");
        command[Array.IndexOf(command, option) + 1] = port.ToString(CultureInfo.InvariantCulture);
        return await RefusedAsync(command);
    }

    static async Task<string> RefusedAsync(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process program = Process.Start(start)!;
        Task<string> output = program.StandardOutput.ReadToEndAsync(), error = program.StandardError.ReadToEndAsync();
        try
        {
            await program.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        }
        finally
        {
            program.Kill();
        }
        Assert.Equal(2, program.ExitCode);
        Assert.Empty(await output);
        return Assert.Single((await error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
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
