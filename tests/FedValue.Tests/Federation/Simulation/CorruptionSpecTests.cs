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

    const string Syntax =
        "label-flip:F, label-permutation:F, label-shift:F, label-random:F, label-confusion:F, feature-noise:SIGMA, duplicate-of:Q, duplication:Q:F, "
        + "redundancy:F, backdoor:CLASS, sybil-split:K, inflate-examples:F, inflate-loss:F, free-rider, free-rider-random:SCALE, free-rider-stale, "
        + "free-rider-delta, free-rider-copy:Q, free-rider-replay, sign-flip or model-replacement:F.";

    [Theory]
    [InlineData("")]
    [InlineData("free-rider")]
    [InlineData("free-rider@1@2")]
    public void A_corruption_has_participants(string text) => Assert.Equal(
        $"A corruption is KIND@P,P, like label-flip:0.4@2,5, but '{text}' came; KIND is {Syntax}", Refusal.Of(() => Corruption.Parse(text)));

    [Theory]
    [InlineData("free-rider@", "")]
    [InlineData("free-rider@0", "0")]
    [InlineData("free-rider@-1", "-1")]
    [InlineData("free-rider@1,", "1,")]
    [InlineData("free-rider@1, 2", "1, 2")]
    [InlineData("free-rider@x", "x")]
    [InlineData("free-rider@2,1,2", "2,1,2")] // twice the same
    [InlineData("label-flip:0.5@3,3", "3,3")] // a second flip could restore a true label
    public void Participants_are_counted_from_one_and_named_once(string text, string part) => Assert.Equal(
        $"Behind the @ of '{text}' stand numbers of participants, counted from 1, each once and with commas between them, but '{part}' came.",
        Refusal.Of(() => Corruption.Parse(text)));

    [Theory]
    [InlineData("Free-rider@1", "Free-rider", " (did you mean free-rider?)")]
    [InlineData("label_flip:0.5@1", "label_flip", " (did you mean label-flip?)")]
    [InlineData("lable-flip:0.5@1", "lable-flip", " (did you mean label-flip?)")]
    [InlineData("sgn-flop@1", "sgn-flop", "")] // two letters of seven
    [InlineData("noise:0.1@1", "noise", "")]
    public void An_unknown_kind_is_refused_with_the_known_ones(string text, string kind, string meant) =>
        Assert.Equal($"There is no corruption '{kind}'{meant}; there are {Syntax}", Refusal.Of(() => Corruption.Parse(text)));

    const string Share = "F@P with a share F above 0 and at most 1", Participant = "Q@P with a whole number Q of at least 1";
    const string Duplication = "Q:F@P with a participant Q counted from 1 and a share F above 0 and at most 1";

    [Theory]
    [InlineData("free-rider:1@2", "free-rider@P")]
    [InlineData("label-flip@1", "label-flip:" + Share)]
    [InlineData("label-flip:@1", "label-flip:" + Share)]
    [InlineData("label-flip:0@1", "label-flip:" + Share)]
    [InlineData("label-flip:1.1@1", "label-flip:" + Share)]
    [InlineData("label-flip:-0.5@1", "label-flip:" + Share)]
    [InlineData("label-flip:5e-1@1", "label-flip:" + Share)]
    [InlineData("label-flip:0,5@1", "label-flip:" + Share)]
    [InlineData("label-flip:NaN@1", "label-flip:" + Share)]
    [InlineData("duplicate-of@1", "duplicate-of:" + Participant)]
    [InlineData("duplicate-of:0@1", "duplicate-of:" + Participant)]
    [InlineData("duplicate-of:1,2@3", "duplicate-of:" + Participant)]
    [InlineData("feature-noise:0@1", "feature-noise:SIGMA@P with a number SIGMA above 0 and at most 1000000")]
    [InlineData("feature-noise:1000001@1", "feature-noise:SIGMA@P with a number SIGMA above 0 and at most 1000000")]
    [InlineData("duplication:0.5@1", "duplication:" + Duplication)]
    [InlineData("duplication:1:2@3", "duplication:" + Duplication)]
    [InlineData("duplication:1:0.5:2@3", "duplication:" + Duplication)]
    [InlineData("redundancy@1", "redundancy:" + Share)]
    [InlineData("sybil-split:1@1", "sybil-split:K@P with a whole number K of at least 2 and at most 100")]
    [InlineData("sybil-split:101@1", "sybil-split:K@P with a whole number K of at least 2 and at most 100")]
    [InlineData("inflate-examples:1@1", "inflate-examples:F@P with a number F above 1 and at most 1000000")]
    [InlineData("inflate-examples:0.5@1", "inflate-examples:F@P with a number F above 1 and at most 1000000")]
    [InlineData("model-replacement:0@1", "model-replacement:F@P with a number F above 0 and at most 1000000")]
    [InlineData("sign-flip:2@1", "sign-flip@P")]
    public void An_argument_out_of_range_is_refused_with_its_range(string text, string written) => Assert.Equal(
        $"Corruption '{text.Split(':', '@')[0]}' is written {written}, but '{text}' came.", Refusal.Of(() => Corruption.Parse(text)));
}
