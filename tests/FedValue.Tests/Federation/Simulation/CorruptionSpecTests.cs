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
    [InlineData("label-permutation:.5@1", "label-permutation:0.5@1", "label-permutation", new[] { 1 })]
    [InlineData("label-shift:1.0@1", "label-shift:1@1", "label-shift", new[] { 1 })]
    [InlineData("label-random:0.10@1", "label-random:0.1@1", "label-random", new[] { 1 })]
    [InlineData("label-confusion:1@1", "label-confusion:1@1", "label-confusion", new[] { 1 })]
    [InlineData("feature-noise:2.50@1,2", "feature-noise:2.5@1,2", "feature-noise", new[] { 1, 2 })]
    [InlineData("duplication:03:.50@1", "duplication:3:0.5@1", "duplication", new[] { 1 })]
    [InlineData("redundancy:0.9@1", "redundancy:0.9@1", "redundancy", new[] { 1 })]
    [InlineData("backdoor:00@1", "backdoor:0@1", "backdoor", new[] { 1 })]
    [InlineData("sybil-split:02@1", "sybil-split:2@1", "sybil-split", new[] { 1 })]
    [InlineData("inflate-examples:10.0@1", "inflate-examples:10@1", "inflate-examples", new[] { 1 })]
    [InlineData("inflate-loss:0.50@1,2", "inflate-loss:0.5@1,2", "inflate-loss", new[] { 1, 2 })]
    [InlineData("free-rider-random:0.010@1", "free-rider-random:0.01@1", "free-rider-random", new[] { 1 })]
    [InlineData("free-rider-stale@01", "free-rider-stale@1", "free-rider-stale", new[] { 1 })]
    [InlineData("free-rider-delta@1", "free-rider-delta@1", "free-rider-delta", new[] { 1 })]
    [InlineData("free-rider-copy:02@1", "free-rider-copy:2@1", "free-rider-copy", new[] { 1 })]
    [InlineData("free-rider-replay@1", "free-rider-replay@1", "free-rider-replay", new[] { 1 })]
    [InlineData("sign-flip@1", "sign-flip@1", "sign-flip", new[] { 1 })]
    [InlineData("model-replacement:10@1", "model-replacement:10@1", "model-replacement", new[] { 1 })]
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
    [InlineData("feature-noise:0@1")]
    [InlineData("feature-noise:1000001@1")]
    [InlineData("duplication:0.5@1")]
    [InlineData("duplication:1:2@3")]
    [InlineData("duplication:1:0.5:2@3")]
    [InlineData("redundancy@1")]
    [InlineData("sybil-split:1@1")]
    [InlineData("sybil-split:101@1")]
    [InlineData("inflate-examples:1@1")]
    [InlineData("inflate-examples:0.5@1")]
    [InlineData("model-replacement:0@1")]
    [InlineData("sign-flip:2@1")]
    public void Anything_else_is_refused(string text) => Assert.Equal(
        "A corruption is KIND@P,P with participants counted from 1 and named once, and its kind is label-flip:F, label-permutation:F, " +
        "label-shift:F, label-random:F, label-confusion:F, feature-noise:SIGMA, duplicate-of:Q, duplication:Q:F, redundancy:F, " +
        "backdoor:CLASS, sybil-split:K, inflate-examples:F, inflate-loss:F, free-rider, free-rider-random:SCALE, free-rider-stale, " +
        $"free-rider-delta, free-rider-copy:Q, free-rider-replay, sign-flip or model-replacement:F; but '{text}' came.",
        Refusal.Of(() => Corruption.Parse(text)));
}
