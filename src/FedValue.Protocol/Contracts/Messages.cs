using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Merkle;

namespace FedValue.Protocol.Contracts;

/// <summary>That an entry is on the ledger, durable: a leaf and its inclusion proof (RFC 6962).</summary>
/// <param name="Index">The entry's place.</param>
/// <param name="LeafHash">The hash of its bytes as a leaf.</param>
/// <param name="Size">How many entries the tree has.</param>
/// <param name="Root">The tree's root.</param>
/// <param name="Proof">From leaf to root.</param>
public sealed record ReceiptMessage(long Index, Digest LeafHash, long Size, Digest Root, IReadOnlyList<Digest> Proof)
{
    /// <summary>What is said of a receipt.</summary>
    public static ReceiptMessage Of(Receipt receipt) =>
        new(receipt.Index, receipt.LeafHash, receipt.Head.Size, receipt.Head.Root, receipt.Proof);

    /// <summary>The receipt that was said.</summary>
    public Receipt ToReceipt() => new(Index, LeafHash, new TreeHead(Size, Root), Proof);
}

/// <summary>The answer to an upload that was taken.</summary>
/// <param name="Accepted">True: what is refused is a problem.</param>
/// <param name="Receipt">The receipt of the entry about the update.</param>
public sealed record UploadReply(bool Accepted, ReceiptMessage Receipt);

/// <summary>A ledger's size and root.</summary>
/// <param name="Size">How many entries the tree has.</param>
/// <param name="Root">Its root.</param>
public sealed record HeadMessage(long Size, Digest Root)
{
    /// <summary>What is said of a head.</summary>
    public static HeadMessage Of(TreeHead head) => new(head.Size, head.Root);
}

/// <summary>A ledger's head with the proof that it only grew.</summary>
/// <param name="Size">How many entries the tree has now.</param>
/// <param name="Root">Its root.</param>
/// <param name="Consistency">The RFC 6962 consistency proof from the size that was asked about; empty where none was.</param>
public sealed record HeadReply(long Size, Digest Root, IReadOnlyList<Digest> Consistency);

/// <summary>A stretch of the ledger.</summary>
/// <param name="Size">How many entries the whole ledger has.</param>
/// <param name="Entries">The stretch, in order.</param>
public sealed record EntriesPage(long Size, IReadOnlyList<EntryMessage> Entries);

/// <summary>One entry.</summary>
/// <param name="Index">Its place.</param>
/// <param name="LeafHash">The hash of its bytes as a leaf.</param>
/// <param name="Entry">The exact text that is hashed, in UTF-8.</param>
public sealed record EntryMessage(long Index, Digest LeafHash, string Entry);

/// <summary>What everybody may know about a federation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ledger">The leaf hash of its first entry: what every signature is bound to.</param>
/// <param name="Terms">Its terms, as the first entry spells them.</param>
/// <param name="Manifest">Its model's tensors.</param>
/// <param name="Round">The round that it is in.</param>
/// <param name="Head">Size and root of the ledger now.</param>
public sealed record FederationInfo(
    string Name, Digest Ledger, JsonElement Terms, JsonElement Manifest, RoundAnnouncement Round, HeadMessage Head);

/// <summary>The names of all federations.</summary>
/// <param name="Federations">In ordinal order.</param>
public sealed record FederationNames(IReadOnlyList<string> Federations);

/// <summary>What lets one participant enrol, once.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Token">The secret; goes to the participant and nobody else.</param>
/// <param name="Expires">When it ends.</param>
public sealed record EnrolmentToken(string Participant, string Token, DateTimeOffset Expires);

/// <summary>The round that a federation is in, for trainers.</summary>
/// <param name="Round">Its number, from 1; null unless the status is open or closing.</param>
/// <param name="Status"><c>open</c>, <c>closing</c>, <c>none</c> (between rounds) or <c>closed</c> (the federation has ended).</param>
/// <param name="Model">The digest of the model that the cohort starts from; null likewise.</param>
/// <param name="Cohort">Who is invited, in ordinal order; null likewise.</param>
/// <param name="Submitted">Whose updates were accepted, in ordinal order; null likewise.</param>
/// <param name="OpenedAt">When it opened; null likewise.</param>
/// <param name="Deadline">When it may close without those who are missing; null where it waits for ever.</param>
/// <param name="RoundsPaid">How many rounds were paid so far.</param>
/// <param name="Problem">Why the federation does not go on by itself, as a sentence; null where it does.</param>
public sealed record RoundAnnouncement(
    int? Round, string Status, Digest? Model, IReadOnlyList<string>? Cohort, IReadOnlyList<string>? Submitted, DateTimeOffset? OpenedAt,
    DateTimeOffset? Deadline, int RoundsPaid, string? Problem);

/// <summary>Whether the server works.</summary>
/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Problems">What is wrong, as sentences without names; the server's log has the names.</param>
public sealed record HealthMessage(string Status, IReadOnlyList<string> Problems);
