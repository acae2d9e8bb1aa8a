using System.Security.Cryptography;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;

namespace FedValue.Tests.Federation.Rounds;

public sealed class ParticipantTests
{
    [Fact]
    public async Task Nobody_but_the_participant_has_the_ledger_searched_for_its_updates()
    {
        await using var ledger = new InMemoryLedgerStore();
        await using InProcessHost host = await InProcessHost.OpenAsync(ledger, new InMemoryBlobStore(), new CpuBackend(1), new FixedClock());
        await host.CreateAsync(TinyFederation.Creation());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await host.EnrolAsync("a", 100, ParticipantKey.Text(key));
        Digest model = (await host.OpenRoundAsync(["a"])).Model;
        await host.AbandonRoundAsync(1, "Too early.");

        var view = new CountingView(await host.StateAsync());
        var role = new Participant("a", view);
        UpdateClaim unsigned = TinyFederation.Submission("a", 1).Claim;
        UpdateClaim By(ECDsa signer, double? loss = null) => unsigned with
        {
            Signature = Convert.ToBase64String(ParticipantKey.Sign(signer, Statements.Update(
                view.State.Name, 1, model, "a", unsigned.Update, unsigned.Examples, loss is { } claimed ? new DoubleBits(claimed) : null))),
        };
        foreach ((UpdateClaim claim, string reason) in new[]
        {
            (unsigned, "unsigned"), (By(other), "forged"), (By(key) with { Examples = 11 }, "forged"), (By(key, loss: 1), "forged"),
            (By(key) with { Round = 2 }, "no-round"), (By(key) with { Round = 0 }, "no-round"), (By(key) with { Participant = "b" }, "forged"),
        })
            Assert.Equal(reason, Assert.IsType<SubmissionDecision.Turn>(await role.DecideAsync(claim, at: 0)).Reason);
        Assert.Equal(0, view.Searches);
        Assert.Equal("no-round", Assert.IsType<SubmissionDecision.Turn>(await role.DecideAsync(By(key), at: 0)).Reason);
        Assert.Equal(1, view.Searches);
    }

    sealed class CountingView(FederationState state) : ILedgerView
    {
        public FederationState State => state;

        public int Searches { get; private set; }

        public ValueTask<FederationState> CurrentAsync(CancellationToken cancellation) => ValueTask.FromResult(state);

        public Task<AcceptedBefore?> FindAcceptedAsync(int round, string participant, CancellationToken cancellation)
        {
            Searches++;
            return Task.FromResult<AcceptedBefore?>(null);
        }
    }
}
