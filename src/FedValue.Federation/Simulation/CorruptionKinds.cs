using System.Globalization;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>A kind of corruption.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Syntax">Name and argument, as they are explained to a person.</param>
/// <param name="Range">What the argument must be, in words that follow the syntax; empty where there is none.</param>
/// <param name="Read">From its argument (null: none) to the argument's one spelling and the effect; null: the argument is none.</param>
sealed record CorruptionKind(string Name, string Syntax, string Range, Func<string?, (string Argument, CorruptionEffect Effect)?> Read);

/// <summary>Every kind of corruption, by what it touches: labels, rows, identities, updates.</summary>
static class CorruptionKinds
{
    const int IdentitiesMax = 100;
    const decimal FactorMax = 1_000_000;

    public static IReadOnlyList<CorruptionKind> All { get; } =
    [
        OfShare("label-flip", share => new LabelFlip(share)),
        OfShare("label-permutation", share => new LabelPermutation(share)),
        OfShare("label-shift", share => new LabelShift(share)),
        OfShare("label-random", share => new LabelRandom(share)),
        OfShare("label-confusion", share => new LabelConfusion(share)),
        OfNumber("feature-noise", "SIGMA", 0, sigma => new FeatureNoise(sigma)),
        OfCount("duplicate-of", "Q", 1, int.MaxValue, source => new DuplicateOf(source)),
        new("duplication", "duplication:Q:F", " with a participant Q counted from 1 and a share F above 0 and at most 1",
            text => text?.Split(':') is [var q, var f] && Count(q, 1, int.MaxValue) is { } source
            && Number(f, 0, 1) is { } share ? ($":{NumberText.Of(source)}:{NumberText.Of(share)}", new Duplication(source, share)) : null),
        OfShare("redundancy", share => new Redundancy(share)),
        OfCount("backdoor", "CLASS", 0, int.MaxValue, label => new Backdoor(label)),
        OfCount("sybil-split", "K", 2, IdentitiesMax, identities => new SybilSplit(identities)),
        OfNumber("inflate-examples", "F", 1, factor => new InflateExamples(factor)),
        OfNumber("inflate-loss", "F", 0, factor => new InflateLoss(factor)),
        Plain("free-rider", new Behaves(new SendsModelBack())),
        OfNumber("free-rider-random", "SCALE", 0, scale => new Behaves(new SendsNoise(scale))),
        Plain("free-rider-stale", new Behaves(new SendsPreviousModel())),
        Plain("free-rider-delta", new Behaves(new SendsPreviousStep())),
        OfCount("free-rider-copy", "Q", 1, int.MaxValue, source => new Copies(source)),
        Plain("free-rider-replay", new Behaves(new SendsFirstUpdate())),
        Plain("sign-flip", new Behaves(new SendsScaledUpdate(-1))),
        OfNumber("model-replacement", "F", 0, factor => new Behaves(new SendsScaledUpdate(factor))),
    ];

    /// <summary>All kinds with their arguments, for a person.</summary>
    public static string Syntax { get; } = string.Join(", ", All.SkipLast(1).Select(kind => kind.Syntax)) + " or " + All[^1].Syntax;

    static CorruptionKind Plain(string name, CorruptionEffect effect) =>
        new(name, name, "", text => text is null ? ("", effect) : null);

    /// <summary>A share of rows: 0 &lt; F &lt;= 1.</summary>
    static CorruptionKind OfShare(string name, Func<decimal, CorruptionEffect> effect) =>
        new(name, name + ":F", " with a share F above 0 and at most 1",
            text => Number(text, 0, 1) is { } share ? (":" + NumberText.Of(share), effect(share)) : null);

    static CorruptionKind OfNumber(string name, string argument, decimal above, Func<decimal, CorruptionEffect> effect) =>
        new(name, $"{name}:{argument}", $" with a number {argument} above {NumberText.Of(above)} and at most {NumberText.Of(FactorMax)}",
            text => Number(text, above, FactorMax) is { } number ? (":" + NumberText.Of(number), effect(number)) : null);

    static CorruptionKind OfCount(string name, string argument, int least, int most, Func<int, CorruptionEffect> effect) =>
        new(name, $"{name}:{argument}",
            $" with a whole number {argument} of at least {NumberText.Of(least)}"
                + (most < int.MaxValue ? $" and at most {NumberText.Of(most)}" : ""),
            text => Count(text, least, most) is { } count ? (":" + NumberText.Of(count), effect(count)) : null);

    static decimal? Number(string? text, decimal above, decimal most) =>
        TypedNumber.TryParse(text, NumberStyles.AllowDecimalPoint, out decimal number)
        && number > above && number <= most ? number : null;

    static int? Count(string? text, int least, int most) =>
        TypedNumber.TryParse(text, NumberStyles.None, out int count) && count >= least && count <= most ? count : null;
}
