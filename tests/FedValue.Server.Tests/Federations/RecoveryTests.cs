using System.Text.Json.Nodes;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;

namespace FedValue.Server.Tests.Federations;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_server_that_was_cut_off_goes_on_in_the_middle_of_the_round()
    {
        using var copy = new TemporaryFolder();
        IReadOnlyList<Trainer> trainers;
        JsonNode receipt;
        await using (Lab lab = await Lab.StartAsync())
        {
            trainers = await lab.FederateAsync("cut", 2, ""","schedule":{"rounds":1,"participants":2}""");
            await lab.WaitAsync("cut", r => (string?)r["status"] == "open");
            receipt = (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200).Json!["receipt"]!;
            // What lies on the disk while the server still runs is what a loss of power would leave.
            Copy(lab.Folder, copy.Path);
        }
        Directory.CreateDirectory(copy["creating/half"]);
        await using Lab again = await Lab.StartAsync(copy.Path);
        Assert.False(Directory.Exists(copy["creating"]));
        Trainer first = Again(again, trainers[0]), second = Again(again, trainers[1]);
        JsonNode round = (await first.GetAsync("rounds/current")).Is(200).Json!;
        Assert.Equal("t1", (string)Assert.Single(round["submitted"]!.AsArray())!);
        JsonNode repeated = (await first.SubmitAsync(Trainer.Update(1))).Is(200).Json!["receipt"]!;
        Assert.Equal((string)receipt["leafHash"]!, (string)repeated["leafHash"]!);
        (await second.SubmitAsync(Trainer.Update(2))).Is(200);
        await again.WaitAsync("cut", r => (string?)r["status"] == "closed");
    }

    [Fact]
    public async Task A_round_that_a_crash_left_half_closed_is_finished()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
        {
            IReadOnlyList<Trainer> trainers = await lab.FederateAsync("half", 1);
            await lab.OpenRoundAsync("half");
            (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        }
        await AggregateOnlyAsync(folder["federations/half"]);
        await using Lab again = await Lab.StartAsync(folder.Path);
        JsonNode paid = await again.WaitAsync("half", r => (int)r["roundsPaid"]! == 1);
        Assert.Equal("none", (string)paid["status"]!);
    }

    [Fact]
    public async Task What_uploads_left_when_the_server_was_killed_is_deleted_and_blobs_stay()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
            await lab.FederateAsync("killed", 1);
        string blobs = folder["federations/killed/blobs"];
        string[] before = Directory.GetFiles(blobs, "*", SearchOption.AllDirectories);
        await File.WriteAllTextAsync(Path.Combine(blobs, "abcdefgh.ijk.tmp"), "half an update");
        await File.WriteAllTextAsync(before[0] + ".abcdefgh.ijk.tmp", "half a blob");
        await using Lab again = await Lab.StartAsync(folder.Path);
        Assert.Equal(before.Order(), Directory.GetFiles(blobs, "*", SearchOption.AllDirectories).Order());
        await again.OpenRoundAsync("killed");
    }

    [Fact]
    public async Task What_the_server_keeps_is_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TemporaryFolder();
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        await using Lab lab = await Lab.StartAsync(folder["data"]);
        await lab.FederateAsync("secret", 0);
        foreach (string made in new[] { "data", "data/federations", "data/federations/secret" })
            Assert.Equal(owner, File.GetUnixFileMode(folder[made]));
    }

    [Fact]
    public async Task A_damaged_federation_keeps_no_other_from_running()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
        {
            await lab.FederateAsync("good", 1);
            await lab.FederateAsync("bad", 1);
        }
        File.WriteAllText(folder["federations/bad/ledger.sqlite"], "no ledger");
        await using Lab again = await Lab.StartAsync(folder.Path);
        (await again.GetAsync("/federations/good")).Is(200);
        (await again.GetAsync("/federations/bad")).Is(503, "damaged");
        JsonNode names = (await again.OperateAsync(HttpMethod.Get, "/federations")).Json!["federations"]!;
        Assert.Equal(["bad", "good"], names.AsArray().Select(name => (string)name!));
        using HttpResponseMessage ready = await again.Http.GetAsync("/health/ready");
        Assert.Equal(503, (int)ready.StatusCode);
        Assert.DoesNotContain("bad", await ready.Content.ReadAsStringAsync());
        (await again.GetAsync("/health/live")).Is(200);
    }

    [Fact]
    public async Task A_ledger_that_is_missing_stays_missing()
    {
        using var folder = new TemporaryFolder();
        await using (Lab lab = await Lab.StartAsync(folder.Path))
            await lab.FederateAsync("lost", 1);
        foreach (string file in Directory.GetFiles(folder["federations/lost"], "ledger.sqlite*"))
            File.Delete(file);
        await using (Lab again = await Lab.StartAsync(folder.Path))
        {
            (await again.GetAsync("/federations/lost")).Is(503, "damaged");
            Assert.Equal((0, 1), (again.Server.Federations, again.Server.FederationsNotOpened));
        }
        Assert.Empty(Directory.GetFiles(folder["federations/lost"], "ledger.sqlite*"));
    }

    /// <summary>Appends the aggregate as the aggregator would, and nothing after it.</summary>
    static async Task AggregateOnlyAsync(string folder)
    {
        await using SqliteLedgerStore store = SqliteLedgerStore.Open(Path.Combine(folder, "ledger.sqlite"));
        var blobs = new DirectoryBlobStore(Path.Combine(folder, "blobs"));
        PayoutLedger ledger = await PayoutLedger.OpenAsync(store);
        FederationSetup setup = await FederationSetup.LoadAsync(ledger.State.Created!, blobs);
        var aggregator = new Aggregator(setup, ledger, blobs);
        RoundAggregated aggregated = await (await aggregator.BeginAggregationAsync(1))(CancellationToken.None);
        await ledger.AppendAsync([aggregated]);
    }

    static Trainer Again(Lab lab, Trainer trainer) => new(lab, trainer.Ledger, trainer.Id) { Key = trainer.Key };

    static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using FileStream copy = File.Create(target);
            source.CopyTo(copy);
        }
    }
}
