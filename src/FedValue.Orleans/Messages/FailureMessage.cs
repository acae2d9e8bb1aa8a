using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Messages;

/// <summary>An exception of the domain on its way to the caller, where it is thrown again as what it was.</summary>
/// <param name="Kind">Which exception; <c>other</c> for those that callers do not tell apart.</param>
/// <param name="Message">Its sentence; of a full queue, whose it is.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.failure")]
public sealed record FailureMessage(string Kind, string Message)
{
    const string Order = "order", Round = "round", Format = "format", Busy = "busy", Conflict = "conflict", Io = "io", Other = "other";

    internal static FailureMessage Of(Exception failure) => new(failure switch
    {
        LedgerOrderException => Order,
        RoundException => Round,
        LedgerFormatException => Format,
        HostBusyException => Busy,
        LedgerConflictException => Conflict,
        IOException => Io,
        _ => Other,
    }, (failure as HostBusyException)?.Role ?? failure.Message);

    /// <summary>Whether the same question asked again may be answered otherwise, because the ledger has moved on.</summary>
    internal bool IsOutrun => Kind is Order or Conflict;

    internal Exception ToException() => Kind switch
    {
        Order => new LedgerOrderException(Message),
        Round => new RoundException(Message),
        Format => new LedgerFormatException(Message),
        Busy => new HostBusyException(Message),
        Io => new IOException(Message),
        _ => new GrainFailureException(Message),
    };
}

/// <summary>A grain could not do what it was asked for; the message is that of the failure.</summary>
public sealed class GrainFailureException(string message) : Exception(message);
