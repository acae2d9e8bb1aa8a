using System.Security.Cryptography;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Models;
using Xunit;

namespace FedValue.Contracts.Hosting;

// Updates that would stop a round, and updates that come again.
public abstract partial class FederationHostContract
{
    [Theory]
    [InlineData("softmax", float.MaxValue)] // no finite loss of its own
    [InlineData("softmax", 1e38f)] // perhaps one of its own, but none when summed over examples
    [InlineData("mlp:4", float.MaxValue)]
    [InlineData("mlp:4", 1e25f)]
    public async Task Weights_that_no_coalition_could_be_valued_with_are_refused_and_the_others_are_paid(string model, float magnitude)
    {
        await using IFederationHost host = await OpenAsync();
        FederationCreation creation = TinyFederation.Creation();
        var network = new Network(Architecture.Parse(model), features: 3, classes: 2);
        await TinyFederation.BeginAsync(host, creation with
        {
            Terms = creation.Terms with { Architecture = network.Architecture.Spec },
            Model = FederationModel.Native(network, network.Initialize(42)),
        });
        await host.OpenRoundAsync(["a", "b", "hospital-7"]);
        foreach (string honest in new[] { "b", "hospital-7" })
        {
            byte[] update = ModelFile.Write(network.Manifest, network.Initialize(honest.Length));
            Assert.True((await host.SubmitAsync(new UpdateSubmission(honest, 1, 100, update))).IsAccepted);
        }
        SubmissionReply reply = await host.SubmitAsync(new UpdateSubmission("a", 1, 100, BadSubmissions.Of(magnitude, network)));
        Assert.Equal("not-measurable", reply.Reason);
        Assert.StartsWith("Expected weights whose model has a finite loss on the validation rows", reply.Problem);
        Assert.Equal("not-measurable", Assert.IsType<UpdateRefused>(await EntryAsync(reply.Receipt!.Index)).Reason);
        PaidRound paid = await host.CloseRoundAsync();
        Assert.Equal(["b", "hospital-7"], paid.Payouts.Payouts.Select(payout => payout.Participant));
    }

    [Theory]
    [InlineData("not-finite", UpdatePart.Tensor, "layer1.bias", "finite numbers", "NaN")]
    [InlineData("not-measurable", UpdatePart.Body, null, "a finite loss on the validation rows", "NaN")]
    [InlineData("malformed", UpdatePart.Body, null, "safetensors", "MetadataIncompleteBuffer")]
    [InlineData("mismatch", UpdatePart.Tensor, "layer1.weight", "F32 [2,3]", "F32 [2,1]")]
    [InlineData("examples", UpdatePart.Examples, null, "1 to 100", "101")]
    [InlineData("loss", UpdatePart.Loss, null, "a finite number of 0 or more", "NaN")]
    [InlineData("wrong-round", UpdatePart.Round, null, "1", "2")]
    [InlineData("not-invited", UpdatePart.Participant, null, "a participant that was invited", "hospital-7")]
    [InlineData("unknown", UpdatePart.Participant, null, "an enrolled participant", "stranger")]
    public async Task A_refusal_says_as_data_what_it_blames(string reason, UpdatePart part, string? tensor, string? expected, string? came)
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        SubmissionReply reply = await host.SubmitAsync(reason switch
        {
            "wrong-round" => TinyFederation.Submission("a", 2),
            "not-invited" => TinyFederation.Submission("hospital-7", 1),
            "unknown" => TinyFederation.Submission("stranger", 1),
            _ => BadSubmissions.For(reason),
        });
        Assert.Equal(reason, reply.Reason);
        Assert.Equal(new UpdateBlame(part, expected, came, tensor), reply.Blame);
    }

    [Fact]
    public async Task Of_two_updates_the_blame_is_on_what_they_differ_in()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        UpdateSubmission first = TinyFederation.Submission("a", 1), other = TinyFederation.Submission("a", 1, variant: 1);
        Assert.Equal(new UpdateBlame(UpdatePart.Round, "a round that is open", "1"), (await host.SubmitAsync(first)).Blame);
        await host.OpenRoundAsync(["a"]);
        Assert.Null((await host.SubmitAsync(first)).Blame);
        (UpdateSubmission, UpdateBlame)[] differing =
        [
            (other, new(UpdatePart.Digest, first.Claim.Update.ToString(), other.Claim.Update.ToString())),
            (first with { Examples = 11 }, new(UpdatePart.Examples, "10", "11")),
            (first with { Loss = 0.5 }, new(UpdatePart.Loss, "nothing", "0.5")),
        ];
        foreach ((UpdateSubmission submission, UpdateBlame blame) in differing)
        {
            SubmissionReply reply = await host.SubmitAsync(submission);
            Assert.Equal(("equivocation", blame), (reply.Reason, reply.Blame));
        }
    }

    [Fact]
    public async Task A_layer_that_only_others_would_make_overflow_is_refused()
    {
        await using IFederationHost host = await OpenAsync();
        FederationCreation creation = TinyFederation.Creation();
        var network = new Network(Architecture.Parse("mlp:4"), features: 3, classes: 2);
        var model = FederationModel.Native(network, network.Initialize(42));
        await TinyFederation.BeginAsync(host, creation with { Terms = creation.Terms with { Architecture = "mlp:4" }, Model = model });
        await host.OpenRoundAsync(["a", "b"]);
        // Its hidden units are all 0, so its own loss is ln 2; averaged with units that are not, its logits overflow.
        float[] weights = new float[network.WeightCount];
        DenseLayer last = network.Layers[1];
        weights.AsSpan(last.WeightOffset, last.Inputs * last.Outputs).Fill(float.MaxValue);
        double own = new FederationSetup(creation.Terms with { Architecture = "mlp:4" }, model, creation.Validation).LossOf(weights)!();
        Assert.Equal(Math.Log(2), own, 1e-9);
        Assert.Equal("not-measurable", (await host.SubmitAsync(
            new UpdateSubmission("a", 1, 10, ModelFile.Write(network.Manifest, weights)))).Reason);
    }

    [Fact]
    public async Task The_same_update_gets_its_receipt_also_when_the_round_has_ended()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host);
        await host.OpenRoundAsync(TinyFederation.Participants);
        UpdateSubmission sent = TinyFederation.Submission("a", 1);
        long index = (await host.SubmitAsync(sent)).Receipt!.Index;
        await host.SubmitAsync(TinyFederation.Submission("b", 1));
        await host.CloseRoundAsync();
        await ComesAgainAsync();
        await TinyFederation.RoundAsync(host, 2, "a", "b");
        await host.OpenRoundAsync(["a", "b"]);
        await ComesAgainAsync();

        long size = await Ledger.SizeAsync();
        UpdateSubmission[] others =
        [
            sent with { Examples = 11 }, sent with { Loss = 0.5 }, sent with { Round = 2 }, TinyFederation.Submission("a", 1, variant: 1),
            TinyFederation.Submission("hospital-7", 1), sent with { Participant = "b" },
        ];
        foreach (UpdateSubmission other in others)
        {
            SubmissionReply reply = await host.SubmitAsync(other);
            Assert.Equal((false, "wrong-round"), (reply.IsAccepted, reply.Reason));
        }
        Assert.Equal(size, await Ledger.SizeAsync());

        async Task ComesAgainAsync()
        {
            SubmissionReply again = await host.SubmitAsync(sent);
            Assert.True(again.IsAccepted, again.Problem);
            Assert.Equal(index, again.Receipt!.Index);
        }
    }

    [Fact]
    public async Task An_update_that_comes_again_is_its_participants_only_when_it_is_signed_so()
    {
        await using IFederationHost host = await OpenAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await host.CreateAsync(TinyFederation.Creation());
        await host.EnrolAsync("a", 100, ParticipantKey.Text(key));
        await host.EnrolAsync("b", 100);
        RoundOpened opened = await host.OpenRoundAsync(["a", "b"]);
        LedgerName name = (await host.StateAsync()).Name;
        UpdateSubmission sent = TinyFederation.Submission("a", 1);
        UpdateClaim By(ECDsa signer) => sent.Claim with
        {
            Signature = Convert.ToBase64String(
                ParticipantKey.Sign(signer, Statements.Update(name, 1, opened.Model, "a", sent.Claim.Update, sent.Examples, null))),
        };
        Task<SubmissionReply> SendAsync(UpdateClaim claim) => host.SubmitAsync(claim, new MemoryStream(sent.Update.ToArray()));

        long index = (await SendAsync(By(key))).Receipt!.Index;
        await ComesAgainAsync();
        await host.SubmitAsync(TinyFederation.Submission("b", 1));
        await host.CloseRoundAsync();
        await ComesAgainAsync();
        await host.ReplaceKeyAsync("a", ParticipantKey.Text(other),
            Convert.ToBase64String(ParticipantKey.Sign(key, Statements.Key(name, "a", ParticipantKey.Text(other)))));
        Assert.Equal("forged", (await SendAsync(By(key))).Reason); // whoever speaks for it now has another key
        Assert.Equal(index, (await SendAsync(By(other))).Receipt!.Index);

        async Task ComesAgainAsync()
        {
            long size = await Ledger.SizeAsync();
            Assert.Equal(index, (await SendAsync(By(key))).Receipt!.Index);
            foreach (string forged in new[] { By(other).Signature!, Convert.ToBase64String(new byte[64]), "short" })
            {
                SubmissionReply reply = await SendAsync(sent.Claim with { Signature = forged });
                Assert.Equal((false, "forged"), (reply.IsAccepted, reply.Reason));
                Assert.Null(reply.Receipt);
            }
            Assert.Equal("unsigned", (await SendAsync(sent.Claim)).Reason);
            Assert.Equal(size, await Ledger.SizeAsync());
        }
    }
}
