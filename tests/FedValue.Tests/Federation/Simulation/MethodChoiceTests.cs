using FedValue.Federation.Simulation;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Federation.Simulation;

public class MethodChoiceTests
{
    static readonly SimulationOptions Plain = new() { Corrupt = [], Partition = "iid" };

    static readonly string[] All = [.. MethodCatalog.Defaults.Select(method => method.Info.Name)];

    static readonly string[] Enumerating = [.. MethodCatalog.Defaults.Where(m => m.Info.Enumerates).Select(m => m.Info.Name)];

    [Fact]
    public void Up_to_twelve_in_a_round_all_methods_are_computed()
    {
        Assert.Contains("exact", Enumerating);
        Assert.Equal(All, Methods(Plain with { Participants = 12 }));
        Assert.Equal(All, Methods(Plain with { Participants = 20, Participation = 0.6m })); // rounds of 12
        Assert.Equal(All, Methods(Plain with { Participants = 1 }));
    }

    [Fact]
    public void With_more_no_method_enumerates_by_default()
    {
        Assert.Equal(All.Except(Enumerating), Methods(Plain with { Participants = 13 }));
        Assert.Equal(All.Except(Enumerating), Methods(Plain with { Participants = 30, Participation = 0.5m }));
    }

    [Fact]
    public void Exact_values_may_be_asked_for_up_to_twenty()
    {
        Assert.Equal(["exact"], Methods(Plain with { Participants = 20, Methods = ["exact"] }));
        Assert.Equal(["exact"], Methods(Plain with { Participants = 40, Participation = 0.5m, Methods = ["exact"] }));
        Assert.All(Enumerating, method => Assert.Equal(
            $"Method '{method}': Exact values of 21 participants need 2^21 coalition utilities; the limit is 20 participants. " +
            "Use the method 'permutation', which samples.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Participants = 21, Methods = [method], PayBy = method }))));
    }

    [Fact]
    public void What_enumerates_its_own_game_is_refused_for_more_than_twenty_and_costs_no_one_else()
    {
        foreach (string method in new[] { "weighted-mean", "logdet:lambda=0.01" })
        {
            Assert.Equal([method], Methods(Plain with { Participants = 20, Methods = [method], PayBy = method }));
            Assert.Equal(
                $"Method '{method}' values rounds of at most 20 participants, but 21 would be invited; leave it out or lower --participation.",
                Refusal.Of(() => SimulationPlan.Prepare(Plain with { Participants = 21, Methods = [method], PayBy = method })));
        }
        Assert.Equal(
            ["ridge-leverage:lambda=0.01"], Methods(Plain with { Participants = 21, Methods = ["ridge-leverage"], PayBy = "ridge-leverage" }));
    }

    [Fact]
    public void Exact_pays_where_it_is_computed_and_else_permutation()
    {
        Assert.Equal("exact", PayBy(Plain with { Participants = 12 }));
        Assert.Equal("permutation", PayBy(Plain with { Participants = 13 }));
        Assert.Equal("exact", PayBy(Plain with { Methods = ["permutation", "exact"] }));
        Assert.Equal("permutation", PayBy(Plain with { Methods = ["cosine", "permutation"] }));
        Assert.Equal("cosine", PayBy(Plain with { Methods = ["cosine", "permutation"], PayBy = "cosine" }));
    }

    [Fact]
    public void The_only_method_that_was_named_pays_and_a_name_is_enough_for_the_only_one_of_it()
    {
        Assert.Equal("loo", PayBy(Plain with { Methods = ["loo"] }));
        Assert.Equal("loo", PayBy(Plain with { Methods = ["loo"], Counterfactual = ["fedavg"] }));
        Assert.Equal("hardness", PayBy(Plain with { Methods = ["hardness"], PayBy = "hardness" }));
        Assert.Equal("tmc:tolerance=0.1", PayBy(Plain with { Methods = ["cosine", "tmc:tolerance=0.1"], PayBy = "tmc" }));
        Assert.Equal("tmc:tolerance=0.05", PayBy(Plain with { Methods = ["tmc", "tmc:tolerance=0.1"], PayBy = "tmc" }));
        Assert.Equal("The payouts are to follow 'tmc:tolerance=0.05', but the methods are tmc:tolerance=0.2, tmc:tolerance=0.1.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["tmc:tolerance=0.2", "tmc:tolerance=0.1"], PayBy = "tmc" })));
    }

    [Theory]
    [InlineData("equal")]
    [InlineData("by-size")]
    public void A_policy_that_needs_no_method_names_none(string policy)
    {
        Assert.Equal("", PayBy(Plain with { Policy = policy }));
        Assert.Equal("", PayBy(Plain with { Policy = policy, PayBy = "" }));
        Assert.Empty(Methods(Plain with { Policy = policy, Methods = [] }));
        Assert.Equal($"With policy '{policy}' no method decides the payouts, but --pay-by 'exact' came; leave it out.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Policy = policy, PayBy = "exact" })));
    }

    [Fact]
    public void A_method_that_cannot_pay_is_refused()
    {
        const string neither =
            "Neither 'exact' nor 'permutation' is among the methods: name the one that pays with --pay-by, or use --policy equal.";
        Assert.Equal(neither, Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["cosine", "loo"] })));
        Assert.Equal(neither, Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["hardness"] })));
        Assert.Equal("The payouts are to follow 'exact', but the methods are cosine, loo.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["cosine", "loo"], PayBy = "exact" })));
        Assert.Equal("The payouts are to follow 'exact', but the methods are none.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = [], PayBy = "exact" })));
        Assert.Equal("The payouts are to follow '', but the methods are exact.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["exact"], PayBy = "" })));
    }

    [Fact]
    public void A_method_is_known_and_named_once()
    {
        Assert.Equal("Method 'loo' is named twice.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["loo", "exact", "loo"] })));
        string known = string.Join(", ", MethodCatalog.Catalog.Entries.Select(entry => entry.Name));
        Assert.Equal($"There is no valuation method 'shapley'; there are {known}.",
            Refusal.Of(() => SimulationPlan.Prepare(Plain with { Methods = ["exact", "shapley"] })));
    }

    static IReadOnlyList<string> Methods(SimulationOptions options) => SimulationPlan.Prepare(options).Creation.Terms.Methods;

    static string PayBy(SimulationOptions options) => SimulationPlan.Prepare(options).Creation.Terms.Payment.PayBy;
}
