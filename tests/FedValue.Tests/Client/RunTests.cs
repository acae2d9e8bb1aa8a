using FedValue.Client;
using FedValue.Ledger.Events;
using FedValue.Protocol.Contracts;

namespace FedValue.Tests.Client;

public sealed class RunTests : IDisposable
{
    readonly TinyRun _run = new();

    [Fact]
    public async Task Events_wake_trainers_who_take_part_in_every_round_until_the_federation_has_ended()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        var submitted = new List<SubmittedRound>();
        await Task.WhenAll(
            a.RunAsync(_run.Trainer("a"), (round, _) =>
            {
                submitted.Add(round);
                return Task.CompletedTask;
            }),
            b.RunAsync(_run.Trainer("b")));
        Assert.Equal([1, 2], submitted.Select(round => round.Round));
        Assert.All(_run.Trained.Values, rounds => Assert.Equal([1, 2], rounds));
        Assert.Single(await _run.Server.EventsOfAsync<FederationClosed>());
        Assert.Equal(
            (await _run.Server.EventsOfAsync<PayoutsPosted>()).Sum(paid => paid.Payouts[0].Amount), await a.BalanceAsync());
    }

    [Fact]
    public async Task A_trainer_that_starts_again_does_not_train_again_in_a_round_that_has_its_update()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        await a.SubmitAsync(1, (await a.RoundAsync()).Model!.Value, TinyRun.Update("a", 1));
        await Task.WhenAll(_run.Client("a").RunAsync(_run.Trainer("a")), b.RunAsync(_run.Trainer("b")));
        Assert.Equal([2], _run.Trained["a"]);
        Assert.Equal([1, 2], _run.Trained["b"]);
    }

    [Fact]
    public async Task A_server_that_ends_and_begins_again_is_waited_for()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        int uploads = 0, away = 0;
        _run.Server.Before = async request =>
        {
            if (request.Method == HttpMethod.Put && Interlocked.Increment(ref uploads) == 2)
            {
                await _run.Server.RestartAsync();
                Volatile.Write(ref away, 5);
            }
            return Interlocked.Decrement(ref away) >= 0 ? throw new HttpRequestException("Connection refused") : null;
        };
        _run.Server.EventsPerStream = 2;
        await _run.RunAllAsync(a, b);
        Assert.All(_run.Trained.Values, rounds => Assert.Equal([1, 2], rounds));
        Assert.Equal(4, (await _run.Server.EventsOfAsync<UpdateAccepted>()).Count);
        Assert.Empty(await _run.Server.EventsOfAsync<UpdateRefused>());
    }

    [Fact]
    public async Task A_conflict_in_a_round_that_still_takes_updates_ends_a_run()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        _run.Server.Before = request => Task.FromResult(request.Method != HttpMethod.Put ? null
            : FakeServer.Problem(System.Net.HttpStatusCode.Conflict, "conflict", "No."));
        Assert.Equal("conflict", (await Assert.ThrowsAsync<FederationException>(
            () => a.RunAsync(_run.Trainer("a")).WaitAsync(TimeSpan.FromMinutes(1)))).Code);
    }

    [Theory]
    [InlineData("wrong-round")]
    [InlineData("conflict")]
    public async Task A_round_that_closed_meanwhile_is_missed_and_the_next_one_taken(string code)
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        bool late = false;
        _run.Server.Before = request =>
        {
            if (late || request.Method != HttpMethod.Put || !request.RequestUri!.AbsolutePath.EndsWith("/a", StringComparison.Ordinal))
                return Task.FromResult<HttpResponseMessage?>(null);
            late = true;
            return CloseAsync();

            async Task<HttpResponseMessage?> CloseAsync()
            {
                // Another process of the same participant was quicker, and the round closed with its update.
                RoundAnnouncement round = await b.RoundAsync();
                await _run.Client("a").SubmitAsync(1, round.Model!.Value, TinyRun.Update("a", 1));
                await b.SubmitAsync(1, round.Model!.Value, TinyRun.Update("b", 1));
                return FakeServer.Problem(System.Net.HttpStatusCode.Conflict, code, "Round 2 takes updates now, but one for round 1 came.");
            }
        };
        await _run.RunAllAsync(a, b);
        Assert.Equal([1, 2], _run.Trained["a"]);
        Assert.Single(await _run.Server.EventsOfAsync<FederationClosed>());
    }

    [Fact]
    public async Task Events_that_are_cut_come_twice_or_are_left_out_arrive_once_each_in_order()
    {
        (FedValueClient a, FedValueClient b) = await _run.EnrolledAsync();
        _run.Server.EventsPerStream = 3;
        _run.Server.EventsRepeated = 1;
        Task training = _run.RunAllAsync(a, b);
        var events = new List<FederationEvent>();
        await foreach (FederationEvent happened in _run.Client("a").EventsAsync(from: 0))
            events.Add(happened);
        await training;
        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => (long)i), events.Select(happened => happened.Index));
        Assert.Equal((await _run.Server.EntriesAsync()).Select(entry => System.Text.Encoding.UTF8.GetString(entry.Bytes.Span)),
            events.Select(happened => happened.Entry));
        Assert.IsType<FederationClosed>(events[^1].Parse());
        Assert.Contains("2", _run.Server.Resumptions);
    }

    [Fact]
    public async Task A_local_model_that_is_not_the_federations_is_refused_before_anything_is_sent()
    {
        (FedValueClient a, _) = await _run.EnrolledAsync();
        RoundAnnouncement round = await a.RoundAsync();
        FedValue.Protocol.Safetensors.Tensor[] tensors =
        [
            FedValue.Protocol.Safetensors.Tensor.OfSingles("layer1.weight", [2, 3], new float[6]),
            FedValue.Protocol.Safetensors.Tensor.OfSingles("layer1.bias", [1], new float[1]),
        ];
        var wrong = await Assert.ThrowsAsync<ArgumentException>(
            () => a.SubmitAsync(1, round.Model!.Value, LocalUpdate.OfTensors(tensors, examples: 10)));
        Assert.Contains("'layer1.bias' that is F32 [2], but F32 [1] came", wrong.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => a.SubmitAsync(1, round.Model!.Value, LocalUpdate.OfFile(TinyRun.Model(new float[8]), 0)));
        await Assert.ThrowsAsync<ArgumentException>(
            () => a.SubmitAsync(1, round.Model!.Value, LocalUpdate.OfFile(TinyRun.Model(new float[8]), 1, double.NaN)));
        Assert.DoesNotContain(_run.Server.Requests, request => request.StartsWith("PUT", StringComparison.Ordinal));
    }

    public void Dispose() => _run.Dispose();
}
