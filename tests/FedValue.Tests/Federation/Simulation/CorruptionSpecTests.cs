using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class CorruptionSpecTests
{
    [Theory]
    [InlineData("free-rider@3", "free-rider@3", "free-rider", new[] { 3 })]
    [InlineData("free-rider@03,1", "free-rider@3,1", "free-rider", new[] { 3, 1 })]
    [InlineData("label-flip:0.60@2,5", "label-flip:0.6@2,5", "label-flip", new[] { 2, 5 })]
    [InlineData("label-flip:1@1", "label-flip:1@1", "label-flip", new[] { 1 })]
    [InlineData("label-flip:.25@1", "label-flip:0.25@1", "label-flip", new[] { 1 })]
    [InlineData("label-flip:0.0000000000000000000000000001@1", "label-flip:0.0000000000000000000000000001@1", "label-flip", new[] { 1 })]
    [InlineData("duplicate-of:1@4,6", "duplicate-of:1@4,6", "duplicate-of", new[] { 4, 6 })]
    public void A_corruption_has_one_spelling(string text, string spec, string kind, int[] targets)
    {
        var corruption = Corruption.Parse(text);
        Assert.Equal((spec, kind), (corruption.Spec, corruption.Kind));
        Assert.Equal(targets, corruption.Targets);
        Assert.Equal(spec, Corruption.Parse(spec).Spec);
    }

    [Theory]
    [InlineData("")]
    [InlineData("free-rider")]
    [InlineData("free-rider@")]
    [InlineData("free-rider@0")]
    [InlineData("free-rider@-1")]
    [InlineData("free-rider@1,")]
    [InlineData("free-rider@1, 2")]
    [InlineData("free-rider@x")]
    [InlineData("free-rider@1@2")]
    [InlineData("free-rider@2,1,2")] // twice the same
    [InlineData("free-rider:1@2")]
    [InlineData("Free-rider@1")]
    [InlineData("label-flip@1")]
    [InlineData("label-flip:@1")]
    [InlineData("label-flip:0@1")]
    [InlineData("label-flip:0.5@3,3")] // a second flip could restore a true label
    [InlineData("label-flip:1.1@1")]
    [InlineData("label-flip:-0.5@1")]
    [InlineData("label-flip:5e-1@1")]
    [InlineData("label-flip:0,5@1")]
    [InlineData("label-flip:NaN@1")]
    [InlineData("duplicate-of@1")]
    [InlineData("duplicate-of:0@1")]
    [InlineData("duplicate-of:1,2@3")]
    [InlineData("noise:0.1@1")]
    public void Anything_else_is_refused(string text) => Assert.Equal(
        "A corruption is label-flip:F@P,P with 0 < F <= 1, free-rider@P,P or duplicate-of:Q@P,P, " +
        $"with participants counted from 1 and named once, but '{text}' came.",
        Refusal.Of(() => Corruption.Parse(text)));
}
