using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger.Events;

public class StopTextTests
{
    static readonly FederationCreated Plain = new SmallFederation().Events.OfType<FederationCreated>().First();

    static FederationCreated With(string stop) =>
        Plain with { Terms = Plain.Terms with { Sampling = Plain.Terms.Sampling with { Stop = new StopText(stop) } } };

    static string Text(LedgerEvent entry) => Encoding.UTF8.GetString(EventJson.Serialize(entry));

    [Fact]
    public void Without_a_condition_the_entry_does_not_mention_one()
    {
        Assert.Contains("\"sampling\":{\"minimumPermutations\":10,\"maximumPermutations\":100,\"tolerance\":\"3fa999999999999a\"},", Text(Plain));
        Assert.Equal("", ((FederationCreated)EventJson.Parse(EventJson.Serialize(Plain))).Terms.Sampling.Stop.Text);
    }

    [Fact]
    public void A_condition_stands_behind_the_tolerance_and_comes_back()
    {
        string text = Text(With("rank-stable:3&relative-error:0.1"));
        Assert.Contains("\"tolerance\":\"3fa999999999999a\",\"stop\":\"rank-stable:3&relative-error:0.1\"},", text);
        FederationCreated read = (FederationCreated)EventJson.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal(new StopText("rank-stable:3&relative-error:0.1"), read.Terms.Sampling.Stop);
        Assert.Equal(text, Text(read));
    }

    [Theory]
    [InlineData("\"stop\":null")]
    [InlineData("\"stop\":\"\"")]
    [InlineData("\"stop\":7")]
    [InlineData("\"stop\":{}")]
    [InlineData("\"stop\":[]")]
    [InlineData("\"Stop\":\"x\"")]
    [InlineData("\"stop\":\"x\",\"stop\":\"x\"")]
    public void No_other_spelling_is_read(string member)
    {
        string text = Text(With("x")).Replace("\"stop\":\"x\"", member, StringComparison.Ordinal);
        Assert.Throws<LedgerFormatException>(() => EventJson.Parse(Encoding.UTF8.GetBytes(text)));
    }
}
