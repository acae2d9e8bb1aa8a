using System.Buffers.Binary;
using System.Text;
using FedValue.Cli.Commands;
using FedValue.Client;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Protocol.Contracts;
using FedValue.Protocol.Models;

namespace FedValue.Cli.Joining;

/// <summary>What <c>fedvalue join</c> was asked to do.</summary>
/// <param name="Server">The server's address.</param>
/// <param name="Federation">The federation's name.</param>
/// <param name="Participant">The participant's id.</param>
/// <param name="Data">Its rows, as <see cref="ParticipantTable"/> reads them.</param>
/// <param name="KeyFile">Where its key is.</param>
sealed record JoinWish(Uri Server, string Federation, string Participant, string Data, string KeyFile)
{
    /// <summary>What lets it enrol; null: it is enrolled.</summary>
    public string? Token { get; init; }

    /// <summary>The classes' names in their order; null: labels are numbers.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Whether features are standardized over its rows.</summary>
    public bool Standardize { get; init; }

    /// <summary>How to train.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>The seed of its random numbers; null: that of the federation.</summary>
    public long? Seed { get; init; }

    /// <summary>The number of its stream of random numbers; null: the first four bytes, big-endian, of the SHA-256 of its id.</summary>
    public uint? Stream { get; init; }
}

/// <summary>Takes part in a federation with a native model, until it has ended.</summary>
static class Join
{
    /// <exception cref="UsageException">The data or the federation's model cannot be used.</exception>
    /// <exception cref="FederationException">The server refused, or was away for too long.</exception>
    /// <exception cref="TamperingException">The server's ledger contradicts itself.</exception>
    public static async Task RunAsync(JoinWish wish, ClientOptions options, TextWriter output, CancellationToken cancellation)
    {
        if (wish.Token is null && !File.Exists(wish.KeyFile))
            throw new UsageException($"There is no key in '{wish.KeyFile}': name its file with --key, or enrol with --token, which makes one.");
        using var key = wish.Token is null ? KeyFile.Read(wish.KeyFile) : KeyFile.ReadOrCreate(wish.KeyFile);
        using var client = new FedValueClient(wish.Server, wish.Federation, wish.Participant, key, options);
        Client.Federation federation = await client.FederationAsync(cancellation);
        Network network = NetworkOf(federation);
        LabelledRows rows = ParticipantTable.Read(wish.Data, network.Features, network.Classes, wish.Classes, wish.Standardize);
        var trainer = new NativeTrainer(
            network, wish.Training, rows, wish.Seed ?? federation.Terms.GetProperty("seed").GetInt64(), wish.Stream ?? StreamOf(wish.Participant));

        if (wish.Token is { } token)
        {
            Receipt receipt = await client.EnrolAsync(token, rows.Count, cancellation);
            await output.WriteLineAsync($"{wish.Participant} is enrolled with {rows.Count} examples, receipt {receipt.Index}");
        }
        int rounds = 0;
        await client.RunAsync(trainer, async (submitted, token) =>
        {
            rounds++;
            // Whether this round is in it already nobody knows: it may be paid before or after the server is asked.
            BalanceSheet paid = await client.BalancesAsync(token);
            long payout = paid.Balances.FirstOrDefault(balance => balance.Participant == wish.Participant)?.Amount ?? 0;
            await output.WriteLineAsync(FormattableString.Invariant(
                $"round {submitted.Round}: loss {trainer.Losses.Before:0.0000} -> {trainer.Losses.After:0.0000}, receipt {submitted.Receipt.Index}, ")
                + FormattableString.Invariant($"payout {payout} after {paid.RoundsPaid} paid {(paid.RoundsPaid == 1 ? "round" : "rounds")}"));
        }, cancellation);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"the federation has ended; {rounds} updates were sent from here, payout {await client.BalanceAsync(cancellation)}"));
        if (options.StateFile is null)
            return;
        LedgerReport report = await client.VerifyLedgerAsync(cancellation);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"the ledger of {report.Head.Size} entries holds, with {report.Signatures} signatures and your {report.Receipts} receipts; ")
            + $"root {report.Head.Root}");
    }

    static Network NetworkOf(Client.Federation federation)
    {
        string spec = federation.Terms.GetProperty("architecture").GetString() ?? "";
        try
        {
            var architecture = Architecture.Parse(spec);
            ModelManifest manifest = federation.Manifest;
            if (manifest.Tensors is [{ Shape: [_, var features] }, .., { Shape: [var classes] }])
            {
                var network = new Network(architecture, checked((int)features), checked((int)classes));
                if (network.Manifest.ToJson().AsSpan().SequenceEqual(manifest.ToJson()))
                    return network;
            }
        }
        catch (Exception foreign) when (foreign is FormatException or ArgumentException or OverflowException)
        {
        }
        throw new UsageException(
            $"'fedvalue join' trains softmax and mlp models, but the federation's model is '{spec}'; write a trainer with the C# or Python client.");
    }

    /// <summary>The stream of a participant that was given none.</summary>
    internal static uint StreamOf(string participant) =>
        BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(Encoding.UTF8.GetBytes(participant)).Bytes);
}
