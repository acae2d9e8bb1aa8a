using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Methods;
using Xunit;

namespace FedValue.Contracts.Hosting;

// Models that the server knows only by their manifest, and no validation data.
public abstract partial class FederationHostContract
{
    [Fact]
    public async Task A_federation_without_validation_data_values_and_pays_agreement()
    {
        await using IFederationHost host = await OpenAsync();
        await AnyModelFederation.BeginAsync(host);
        for (int round = 1; round <= 2; round++)
        {
            PaidRound paid = await AnyModelFederation.RoundAsync(host, round);
            Assert.Null(paid.Aggregated.ValidationLoss);
            Assert.Null(paid.Aggregated.ValidationAccuracy);
            Assert.Null(paid.Valued.CoalitionUtilities);
            Assert.Equal(AnyModelFederation.Methods, paid.Valued.Valuations.Select(valuation => valuation.Method));
            Assert.Equal("gradient-shapley-agreement", paid.Payouts.PayBy);
            Assert.Equal(1000, paid.Payouts.Unallocated + paid.Payouts.Payouts.Sum(p => p.Amount));
            Assert.Contains(paid.Payouts.Payouts, payout => payout.Amount > 0);
            var statistics = SafetensorsFile.Read(await Blobs.GetAsync(paid.Valued.Statistics));
            Assert.Equal(["squared_norms", "weights", "gram"], statistics.Tensors.Select(tensor => tensor.Name));
        }
        await host.CloseAsync();
        FederationHistory history = await FederationHistory.LoadAsync(Ledger, Blobs);
        Assert.Equal(4, history.Total("gradient-shapley-agreement").Values.Count);
        Assert.Throws<InvalidOperationException>(() => history.Rounds[0].ValidationLoss);
        await Assert.ThrowsAnyAsync<FormatException>(
            () => FederationHistory.LoadAsync(Ledger, Blobs, totals: TotalRule.Parse("equal", "loss-drop")));
        Assert.NotNull(await AnomalyScan.RunAsync(history, Blobs));
    }

    [Fact]
    public async Task Buffers_are_those_of_the_lowest_id_whose_update_was_accepted()
    {
        await using IFederationHost host = await OpenAsync();
        await AnyModelFederation.BeginAsync(host);
        PaidRound first = await AnyModelFederation.RoundAsync(host, 1, "hospital-7", "b", "a");
        await HasBuffersOfAsync(first.Aggregated.Model, AnyModelFederation.Submission("a", 1).Update);
        PaidRound second = await AnyModelFederation.RoundAsync(host, 2, "hospital-7", "hospital-10");
        await HasBuffersOfAsync(second.Aggregated.Model, AnyModelFederation.Submission("hospital-10", 2).Update);

        await host.OpenRoundAsync(["a"]);
        Assert.Equal(second.Aggregated.Model, (await host.CloseRoundAsync()).Aggregated.Model); // nobody sent any

        // In no norm, whatever they hold.
        await host.OpenRoundAsync(["a"]);
        byte[] sent = await Blobs.GetAsync(second.Aggregated.Model);
        byte[] unmoved = ModelFile.Write(
            AnyModelFederation.Manifest, ModelFile.ReadWeights(AnyModelFederation.Manifest, sent),
            ModelFile.ReadBuffers(AnyModelFederation.Manifest, AnyModelFederation.Submission("b", 4).Update));
        Assert.True((await host.SubmitAsync(new UpdateSubmission("a", 4, 10, unmoved))).IsAccepted);
        PaidRound last = await host.CloseRoundAsync();
        byte[] statistics = await Blobs.GetAsync(last.Valued.Statistics);
        Assert.Equal(0, Assert.Single(SafetensorsFile.Read(statistics)["squared_norms"].AsDoubles()));
    }

    [Fact]
    public async Task Any_model_is_the_same_after_restarts()
    {
        TreeHead uninterrupted;
        await using (IFederationHost host = await OpenInProcessAsync(new InMemoryLedgerStore(), new InMemoryBlobStore(), new FixedClock()))
        {
            await AnyModelFederation.BeginAsync(host);
            await AnyModelFederation.RoundAsync(host, 1);
            await AnyModelFederation.RoundAsync(host, 2);
            uninterrupted = await host.HeadAsync();
        }
        await using (IFederationHost host = await OpenAsync())
            await AnyModelFederation.BeginAsync(host);
        for (int round = 1; round <= 2; round++)
        {
            await using (IFederationHost host = await OpenAsync())
                await host.OpenRoundAsync(TinyFederation.Participants);
            foreach (string participant in TinyFederation.Participants)
            {
                await using IFederationHost host = await OpenAsync();
                await host.SubmitAsync(AnyModelFederation.Submission(participant, round));
            }
            await using IFederationHost last = await OpenAsync();
            await last.CloseRoundAsync();
        }
        await using IFederationHost again = await OpenAsync();
        Assert.Equal(uninterrupted, await again.HeadAsync());
    }

    [Fact]
    public async Task What_is_not_possible_without_validation_data_is_refused_and_what_is_possible_is_named()
    {
        await using IFederationHost host = await OpenAsync();
        async Task<string> RefusalAsync(FederationCreation creation) =>
            (await Assert.ThrowsAnyAsync<FormatException>(() => host.CreateAsync(creation))).Message;

        Assert.Equal(
            "The method 'exact' needs validation data, which this federation does not have; possible are gradient-shapley, "
            + "gradient-shapley-agreement, logdet:lambda=0.01, ridge-leverage:lambda=0.01, cgsv:momentum=0.95.",
            await RefusalAsync(AnyModelFederation.Creation(methods: [MethodCatalog.AgreementName, "exact"])));
        Assert.StartsWith(
            "The method 'shapfed:momentum=0.95' needs a model whose layers are known, ",
            await RefusalAsync(AnyModelFederation.Creation(methods: ["shapfed:momentum=0.95"])));
        Assert.StartsWith(
            "The aggregator 'qfedavg:q=0.1:learning-rate=0.1' needs validation data", await RefusalAsync(AnyModelFederation.Creation("qfedavg")));

        FederationCreation any = AnyModelFederation.Creation(), tiny = TinyFederation.Creation();
        Assert.StartsWith("Without validation rows the utility is 'none'",
            await RefusalAsync(any with { Terms = any.Terms with { Utility = "validation-loss" } }));
        Assert.StartsWith("A utility is one of", await RefusalAsync(tiny with { Terms = tiny.Terms with { Utility = "none" } }));
        Assert.StartsWith("Only native models are measured", await RefusalAsync(any with { Validation = tiny.Validation }));
        Assert.StartsWith("The terms name the architecture ''", await RefusalAsync(any with { Model = tiny.Model }));
        Assert.Null((await host.StateAsync()).Created);
    }

    [Fact]
    public async Task A_native_model_without_validation_data_has_the_methods_that_know_its_layers()
    {
        await using IFederationHost host = await OpenAsync();
        FederationCreation creation = TinyFederation.Creation(methods: [MethodCatalog.AgreementName, "shapfed:momentum=0.95"]);
        await TinyFederation.BeginAsync(host, creation with { Validation = null, Terms = creation.Terms with { Utility = Utilities.None } });
        PaidRound paid = await TinyFederation.RoundAsync(host, 1);
        Assert.Null(paid.Aggregated.ValidationLoss);
        Assert.Null(Assert.IsType<FederationCreated>(await EntryAsync(0)).Validation);
        await using IFederationHost again = await OpenAsync();
        await TinyFederation.RoundAsync(again, 2);
    }

    [Theory]
    [InlineData("block.weight")]
    [InlineData("norm.weight")]
    [InlineData("head.weight")]
    [InlineData("norm.running_mean")]
    [InlineData("norm.running_var")]
    public async Task A_number_that_is_not_finite_is_refused_in_weights_and_buffers_of_every_type(string tensor)
    {
        await using IFederationHost host = await OpenAsync();
        await AnyModelFederation.BeginAsync(host);
        await host.OpenRoundAsync(["a", "b"]);
        byte[] bad = AnyModelFederation.Submission("a", 1).Update.ToArray();
        SafetensorsHeader header = SafetensorsHeader.Parse(bad);
        TensorInfo info = header.Tensors.Single(t => t.Name == tensor);
        bad.AsSpan(header.DataStart + (int)info.End - 2, 2).Fill(0xff); // the last number becomes NaN in every format
        SubmissionReply reply = await host.SubmitAsync(new UpdateSubmission("a", 1, 10, bad));
        long last = info.Shape.Aggregate(1L, (product, dimension) => product * dimension) - 1;
        Assert.Equal(
            ("not-finite", $"Expected finite numbers, but element {last} of tensor '{tensor}' is NaN."), (reply.Reason, reply.Problem));
    }

    [Fact]
    public async Task An_update_longer_than_the_terms_allow_is_refused_with_its_norm()
    {
        await using IFederationHost host = await OpenAsync();
        await TinyFederation.BeginAsync(host, AnyModelFederation.Creation(normLimit: 100));
        await host.OpenRoundAsync(["a", "b"]);
        float[] weights = new float[AnyModelFederation.Manifest.WeightCount];
        weights[^1] = 1e30f;
        byte[] huge = ModelFile.Write(AnyModelFederation.Manifest, weights,
            ModelFile.ReadBuffers(AnyModelFederation.Manifest, AnyModelFederation.Submission("a", 1).Update));
        SubmissionReply reply = await host.SubmitAsync(new UpdateSubmission("a", 1, 10, huge));
        Assert.Equal("norm", reply.Reason);
        Assert.StartsWith("Expected an update (local minus base model) of norm at most 100, but its norm is 1.0000000", reply.Problem);
        Assert.False(await Blobs.ContainsAsync(Digest.Of(huge)));
        Assert.True((await host.SubmitAsync(AnyModelFederation.Submission("a", 1))).IsAccepted);
    }

    async Task HasBuffersOfAsync(Digest model, ReadOnlyMemory<byte> update) =>
        Assert.Equal(AnyModelFederation.Buffers(update.ToArray()), AnyModelFederation.Buffers(await Blobs.GetAsync(model)));
}
