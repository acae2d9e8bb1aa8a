using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Federations;

/// <summary>What becomes of a round that the operator wants closed.</summary>
public sealed class RoundDriverTests
{
    [Fact]
    public async Task A_close_that_was_promised_is_kept_although_queues_are_full_and_the_disk_is()
    {
        StumblingHosting? hosting = null;
        await using Lab lab = await Lab.StartAsync(spoil: inner => hosting = new StumblingHosting(
            inner, new HostBusyException("the ledger"), new HostBusyException("the ledger"), new IOException("The disk is full.")));
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("kept", 2);
        await lab.OpenRoundAsync("kept");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/kept/rounds/1/close")).Is(202);
        await lab.WaitAsync("kept", r => ((string?)r["problem"])?.Contains("The disk is full.") == true);
        Assert.Equal(0, hosting!.Left);
        (await trainers[1].SubmitAsync(Trainer.Update(2))).Is(200); // something happens, so it tries again
        Assert.Null((await lab.WaitAsync("kept", r => (int)r["roundsPaid"]! == 1))["problem"]);
    }

    [Fact]
    public async Task A_close_that_failed_for_good_is_told_and_not_tried_again_until_it_is_asked_for_again()
    {
        StumblingHosting? hosting = null;
        await using Lab lab = await Lab.StartAsync(spoil: inner => hosting = new StumblingHosting(
            inner, new RoundException("The model diverged."), new RoundException("It did again.")));
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("told", 2);
        await lab.OpenRoundAsync("told");
        (await trainers[0].SubmitAsync(Trainer.Update(1))).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/told/rounds/1/close")).Is(202);
        await lab.WaitAsync("told", r => ((string?)r["problem"])?.Contains("The model diverged.") == true);
        (await trainers[1].SubmitAsync(Trainer.Update(2))).Is(200);
        await Task.Delay(100);
        Assert.Equal(1, hosting!.Left);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/told/rounds/1/close")).Is(202);
        await lab.WaitAsync("told", r => ((string?)r["problem"])?.Contains("It did again.") == true);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/told/rounds/1/close")).Is(202);
        Assert.Null((await lab.WaitAsync("told", r => (int)r["roundsPaid"]! == 1))["problem"]);
    }
}
