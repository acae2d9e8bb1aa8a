using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger.Events;

public class CounterfactualTermsTests
{
    static readonly FederationCreated Plain = new SmallFederation().Events.OfType<FederationCreated>().First();

    static readonly FederationCreated Some = Plain with
    {
        Terms = Plain.Terms with { Counterfactual = new CounterfactualTerms([new AggregatorTerms("a", "b"), new AggregatorTerms("c", "d")]) },
    };

    static string Text(LedgerEvent entry) => Encoding.UTF8.GetString(EventJson.Serialize(entry));

    static FederationCreated Parse(string text) => (FederationCreated)EventJson.Parse(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Without_a_pool_the_entry_does_not_mention_one()
    {
        Assert.DoesNotContain("counterfactual", Text(Plain));
        Assert.Empty(Parse(Text(Plain)).Terms.Counterfactual.Members);
    }

    [Fact]
    public void A_pool_stands_behind_the_seed_and_comes_back()
    {
        string text = Text(Some);
        Assert.Contains(",\"counterfactual\":[{\"name\":\"a\",\"smallCoalitions\":\"b\"},{\"name\":\"c\",\"smallCoalitions\":\"d\"}]},", text);
        Assert.Equal(Some.Terms.Counterfactual.Members, Parse(text).Terms.Counterfactual.Members);
        Assert.Equal(text, Text(Parse(text)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"fedavg\"")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[\"fedavg\"]")]
    [InlineData("[{\"name\":\"a\"}]")]
    [InlineData("[{\"name\":\"a\",\"smallCoalitions\":\"b\",\"more\":1}]")]
    [InlineData("[{\"name\":null,\"smallCoalitions\":\"b\"}]")]
    public void No_other_spelling_is_read(string members)
    {
        string text = Text(Some);
        int from = text.IndexOf("\"counterfactual\":", StringComparison.Ordinal) + "\"counterfactual\":".Length;
        int to = text.IndexOf(']', from) + 1;
        string other = text[..from] + members + text[to..];
        Assert.Throws<LedgerFormatException>(() => Parse(other));
    }
}
