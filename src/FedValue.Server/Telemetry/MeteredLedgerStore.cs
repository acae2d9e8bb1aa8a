using System.Diagnostics;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Server.Telemetry;

/// <summary>A ledger whose appends are measured, whatever host asks for them.</summary>
/// <param name="ledger">The ledger; not disposed here.</param>
/// <param name="telemetry">Told of every append.</param>
sealed class MeteredLedgerStore(ILedgerStore ledger, ServerTelemetry telemetry) : ILedgerStore
{
    RoundOpened? _round;

    /// <summary>Goes on with the round that was open when the ledger was opened; null: none was.</summary>
    public void Resume(RoundOpened? round) => _round = round;

    public async ValueTask AppendAsync(long expectedSize, IReadOnlyList<ReadOnlyMemory<byte>> entries, CancellationToken ct = default)
    {
        using Activity? span = telemetry.Source.StartActivity("ledger append");
        span?.SetTag("fedvalue.entries", entries.Count);
        long began = Stopwatch.GetTimestamp();
        try
        {
            await ledger.AppendAsync(expectedSize, entries, ct);
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        telemetry.Appended(entries.Count, Stopwatch.GetElapsedTime(began));
        if (telemetry.WantsAges)
            TakeAges(entries);
    }

    public ValueTask<long> SizeAsync(CancellationToken ct = default) => ledger.SizeAsync(ct);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(long from, CancellationToken ct = default) => ledger.ReadAsync(from, ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    void TakeAges(IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            switch (EventJson.Parse(entry.Span))
            {
                case RoundOpened opened:
                    _round = opened;
                    break;
                case UpdateAccepted accepted when _round?.Round == accepted.Round:
                    telemetry.UpdateAccepted(TimeSpan.FromMilliseconds(accepted.At - _round.At));
                    break;
            }
        }
    }
}
