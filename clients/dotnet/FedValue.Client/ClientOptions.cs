using FedValue.Ledger;

namespace FedValue.Client;

/// <summary>How a client deals with time and trouble; the defaults suit a trainer that runs for days.</summary>
public sealed record ClientOptions
{
    /// <summary>Tells the time for signatures and waits between attempts.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long one request is repeated while the server is away or busy, before the client gives up.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a request may make no progress before its connection counts as lost.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How often the round is asked for while no event says that something happened: events are nudges and may be lost.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether <see cref="FedValueClient.RunAsync"/> checks every receipt against the ledger: two small requests per round.</summary>
    public bool VerifyReceipts { get; init; } = true;

    /// <summary>
    /// A file in which receipts and the last checked head are kept, see <see cref="ClientState"/>; null: they live as long as the client.
    /// </summary>
    public string? StateFile { get; init; }

    /// <summary>
    /// A round's model whose file may be longer than this many bytes is downloaded into a temporary file and not into memory; at most, and unless
    /// told otherwise, the length of an array: 2 GiB.
    /// </summary>
    public int HeldModelBytes { get; init; } = Array.MaxLength;

    /// <summary>The leaf hash of the federation's first entry, where the participant knows it; null: what the server says first is taken.</summary>
    public Digest? Ledger { get; init; }

    /// <summary>Sends the requests, for proxies, certificates and tests; not disposed by the client. Null: one of the client's own.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Told in a sentence when an attempt failed and will be repeated, or a round was abandoned; null: nobody.</summary>
    public IProgress<string>? Notices { get; init; }
}
