using System.Net;
using System.Security.Cryptography;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Contracts;
using FedValue.Protocol.Models;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Clients;

public sealed class ClientTests
{
    [Fact]
    public async Task A_client_trains_reads_what_it_earned_and_checks_what_it_was_told()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync("""
            {"name":"f","model":"softmax","methods":["exact","cosine"],"schedule":{"rounds":2,"participants":2}}
            """, Lab.Validation())).Is(201);
        using ECDsa key = KeyFile.Create(), other = KeyFile.Create();
        using FedValueClient a = Client(lab, "a", key), b = Client(lab, "b", other);
        Receipt enrolled = await a.EnrolAsync(await lab.TokenAsync("f", "a"), 100);
        Assert.IsType<ParticipantEnrolled>(await a.VerifyReceiptAsync(enrolled));
        Task<List<FederationEvent>> watching = WatchAsync(a);
        await b.EnrolAsync(await lab.TokenAsync("f", "b"), 100);

        var receipts = new List<Receipt>();
        await Task.WhenAll(
            a.RunAsync(Nudging(0.5f), (round, _) =>
            {
                receipts.Add(round.Receipt);
                return Task.CompletedTask;
            }),
            b.RunAsync(Nudging(-0.25f)));

        Assert.Equal(2, receipts.Count);
        foreach (Receipt receipt in receipts)
            Assert.Equal(0.5, Assert.IsType<UpdateAccepted>(await a.VerifyReceiptAsync(receipt)).ClaimedLoss!.Value.Value);
        LedgerReport report = await a.VerifyLedgerAsync();
        Assert.Equal((4, 4, 2, 3), (report.Updates, report.Signatures, report.RoundsPaid, report.Receipts));
        Assert.Equal((await a.BalanceAsync(), true), (report.Balances["a"], report.IsClosed));
        PayoutList payouts = await a.PayoutsAsync(participant: "a");
        Assert.Equal(await a.BalanceAsync(), payouts.Rounds.Sum(round => Assert.Single(round.Payouts).Amount));
        Assert.Equal(200_000, (await a.BalancesAsync()).Balances.Sum(balance => balance.Amount) + (await a.BalancesAsync()).Unallocated);
        Contributions values = await a.ContributionsAsync(round: 2);
        Assert.Equal(["exact", "cosine"], values.Methods);
        Assert.Equal(4, Assert.Single(values.Rounds).Values.Count);
        var entries = new List<EntryMessage>();
        await foreach (EntryMessage entry in a.EntriesAsync())
            entries.Add(entry);
        Assert.Equal((await a.HeadAsync()).Size, entries.Count);
        Assert.Equal(entries.Select(entry => (entry.Index, entry.Entry)), (await watching).Select(happened => (happened.Index, happened.Entry)));
    }

    [Fact]
    public async Task What_the_server_refuses_is_said_with_its_code()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("f", 1);
        using ECDsa key = KeyFile.Create();
        using FedValueClient stranger = Client(lab, "nobody", key);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<FederationException>(() => stranger.RoundAsync())).Status);
        Assert.Contains((await Assert.ThrowsAsync<FederationException>(() => stranger.EnrolAsync("guessed", 10))).Status,
            new HttpStatusCode?[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
        using FedValueClient a = Client(lab, "a", key);
        await a.EnrolAsync(await lab.TokenAsync("f", "a"), 10);
        Digest model = (await a.FederationAsync()).Manifest.WeightCount == 8 ? Digest.Of([]) : default;
        var early = await Assert.ThrowsAsync<FederationException>(
            () => a.SubmitAsync(1, model, LocalUpdate.OfFile(ModelFile.Write(Lab.Network.Manifest, new float[8]), 5)));
        Assert.Equal((HttpStatusCode.Conflict, "no-round"), (early.Status, early.Code));

        await lab.OpenRoundAsync("f");
        model = (await a.RoundAsync()).Model!.Value;
        var greedy = await Assert.ThrowsAsync<FederationException>(
            () => a.SubmitAsync(1, model, LocalUpdate.OfFile(ModelFile.Write(Lab.Network.Manifest, new float[8]), 11)));
        Assert.Equal(422, (int)greedy.Status!);
        Assert.Equal("examples", Assert.IsType<UpdateRefused>(await a.VerifyReceiptAsync(greedy.Receipt!)).Reason);
    }

    [Fact]
    public async Task A_client_signs_with_another_key_once_it_has_replaced_its_own()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync("""{"name":"f","model":"softmax","schedule":{"rounds":1,"participants":2}}""", Lab.Validation())).Is(201);
        using ECDsa first = KeyFile.Create(), second = KeyFile.Create(), third = KeyFile.Create();
        using FedValueClient a = Client(lab, "a", first), stale = Client(lab, "a", first);
        await a.EnrolAsync(await lab.TokenAsync("f", "a"), 10);
        Assert.IsType<KeyReplaced>(await a.VerifyReceiptAsync(await a.ReplaceKeyAsync(second)));
        Assert.Equal(RoundStatus.None, (await a.RoundAsync()).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<FederationException>(() => stale.RoundAsync())).Status);
        (await lab.OperateAsync(HttpMethod.Delete, "/federations/f/participants/a/key?reason=Lost.")).Is(200);
        await a.ReplaceKeyAsync(third, await lab.TokenAsync("f", "a"));
        Assert.IsType<KeyRevoked>(await a.VerifyReceiptAsync(await a.ReceiptAsync(3)));
    }

    [Fact]
    public async Task A_large_update_streams_from_a_file()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync("""{"name":"f","model":"mlp:65536","features":3,"classes":2,"schedule":{"rounds":1,"participants":1}}""")).Is(201);
        using ECDsa key = KeyFile.Create();
        using FedValueClient a = Client(lab, "a", key);
        await a.EnrolAsync(await lab.TokenAsync("f", "a"), 100);
        var file = new FileInfo(Path.Combine(lab.Folder, "update.safetensors"));
        await a.RunAsync(new Client.Trainer(async (model, cancellation) =>
        {
            float[] weights = model.Weights();
            weights[^1] += 1;
            await System.IO.File.WriteAllBytesAsync(file.FullName, ModelFile.Write(model.Manifest, weights), cancellation);
            return LocalUpdate.OfStream(file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite), examples: 10);
        }));
        file.Refresh();
        Assert.InRange(file.Length, 1_500_000, 1_700_000);
        Assert.Contains(await lab.EntriesAsync("f"), entry => entry.Contains($"\"bytes\":{file.Length}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_is_not_to_be_held_lies_on_disk_while_it_is_trained()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync("""{"name":"f","model":"softmax","features":3,"classes":2,"schedule":{"rounds":1,"participants":1}}""")).Is(201);
        using ECDsa key = KeyFile.Create();
        using var a = new FedValueClient(lab.Http.BaseAddress!, "f", "a", key, new ClientOptions { HeldModelBytes = 0 });
        await a.EnrolAsync(await lab.TokenAsync("f", "a"), 100);
        string path = "";
        await a.RunAsync(new Client.Trainer(async (model, cancellation) =>
        {
            Assert.Contains("lies on disk", Assert.Throws<NotSupportedException>(() => model.File).Message);
            await using Stream file = model.OpenRead();
            path = Assert.IsType<FileStream>(file).Name;
            Assert.Equal(model.Digest, new Ledger.Digest(await SHA256.HashDataAsync(file, cancellation)));
            byte[] whole = await System.IO.File.ReadAllBytesAsync(path, cancellation);
            float[] weights = model.Weights();
            Assert.Equal(ModelFile.ReadWeights(model.Manifest, whole), weights);
            return model.Update(Array.ConvertAll(weights, weight => weight + 1), examples: 10);
        }));
        Assert.Contains(await lab.EntriesAsync("f"), entry => entry.Contains("\"type\":\"update-accepted\"", StringComparison.Ordinal)
            || entry.Contains("UpdateAccepted", StringComparison.Ordinal));
        Assert.False(System.IO.File.Exists(path));
    }

    static FedValueClient Client(Lab lab, string participant, ECDsa key) => new(lab.Http.BaseAddress!, "f", participant, key);

    static ITrainer Nudging(float step) => new Client.Trainer((model, _) =>
        Task.FromResult(model.Update(Array.ConvertAll(model.Weights(), weight => weight + step), examples: 10, loss: 0.5)));

    static async Task<List<FederationEvent>> WatchAsync(FedValueClient client)
    {
        var events = new List<FederationEvent>();
        await foreach (FederationEvent happened in client.EventsAsync(from: 0))
            events.Add(happened);
        return events;
    }
}
