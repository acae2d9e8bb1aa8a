using System.Globalization;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Messages;

/// <summary>An exception of the domain on its way to the caller, where it is thrown again as what it was.</summary>
/// <param name="Kind">Which exception; <c>other</c> for those that callers do not tell apart.</param>
/// <param name="Message">Its sentence, or what its sentence is made of: of a full queue whose it is, of a blob its name, and so on.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.failure")]
public sealed record FailureMessage(string Kind, string Message)
{
    const string Order = "order", Round = "round", Format = "format", Busy = "busy", Conflict = "conflict", Io = "io", Missing = "blob-missing",
        Damaged = "blob-damaged", Other = "other";

    internal static FailureMessage Of(Exception failure) => failure switch
    {
        LedgerOrderException => new(Order, failure.Message),
        RoundException => new(Round, failure.Message),
        LedgerFormatException => new(Format, failure.Message),
        HostBusyException busy => new(Busy, busy.Role),
        LedgerConflictException race => new(Conflict, string.Create(CultureInfo.InvariantCulture, $"{race.Expected} {race.Actual}")),
        BlobMissingException missing => new(Missing, missing.Digest.ToString()),
        BlobDamagedException damaged => new(Damaged, $"{damaged.Digest} {damaged.Actual}"),
        IOException => new(Io, failure.Message),
        _ => new(Other, failure.Message),
    };

    /// <summary>Whether a failure is one of the domain and its stores: what goes wrong in the cluster itself crosses the border by itself.</summary>
    internal static bool Carries(Exception failure) => failure is FormatException || Of(failure).Kind != Other;

    /// <summary>Whether the same question asked again may be answered otherwise, because the ledger has moved on.</summary>
    internal bool IsOutrun => Outrun.IsOutrun(ToException());

    internal Exception ToException() => (Kind, Message.Split(' ')) switch
    {
        (Order, _) => new LedgerOrderException(Message),
        (Round, _) => new RoundException(Message),
        (Format, _) => new LedgerFormatException(Message),
        (Busy, _) => new HostBusyException(Message),
        (Conflict, [var expected, var actual]) => new LedgerConflictException(
            long.Parse(expected, CultureInfo.InvariantCulture), long.Parse(actual, CultureInfo.InvariantCulture)),
        (Missing, [var name]) => new BlobMissingException(Digest.Parse(name)),
        (Damaged, [var name, var actual]) => new BlobDamagedException(Digest.Parse(name), Digest.Parse(actual)),
        (Io, _) => new IOException(Message),
        _ => new GrainFailureException(Message),
    };
}

/// <summary>A grain could not do what it was asked for; the message is that of the failure.</summary>
public sealed class GrainFailureException(string message) : Exception(message);
