namespace FedValue.Federation.Simulation;

/// <summary>A method whose signs are those of another, but for some scenarios.</summary>
/// <param name="Method">Its name.</param>
/// <param name="As">The other, a default method.</param>
/// <param name="Except">What it says instead and where: scenarios, separated by spaces.</param>
sealed record AlikeMethod(string Method, string As, params (ExpectedSign Sign, string Scenarios)[] Except);

/// <summary>What was measured, as <see cref="ExpectedSigns"/> gives it out: one row per scenario, one word per method, - for no claim.</summary>
static class ExpectedSignRows
{
    /// <summary>The columns are the default methods, but for permutation.</summary>
    public static readonly string[] OfDefaults =
    [
        "attack:none alike positive - alike alike positive alike alike alike alike",
        "attack:label-flip negative negative negative lowest lowest - negative lowest lowest lowest",
        "attack:label-permutation negative negative negative lowest lowest negative negative negative negative negative",
        "attack:label-shift negative negative negative negative negative negative negative negative negative negative",
        "attack:label-random negative negative negative lowest lowest negative negative lowest negative lowest",
        "attack:feature-noise positive positive - alike lowest lowest positive lowest lowest lowest",
        "attack:duplicate-of alike alike - alike alike positive alike alike alike alike",
        "attack:redundancy negative negative negative lowest lowest negative negative negative negative negative",
        "attack:backdoor lowest negative negative lowest lowest negative lowest lowest lowest lowest",
        "attack:free-rider negative negative negative 0 0 - negative lowest lowest lowest",
        "attack:free-rider-random negative negative negative lowest lowest negative negative negative negative negative",
        "attack:free-rider-stale negative negative negative negative negative negative negative negative negative negative",
        "attack:free-rider-delta lowest negative negative lowest lowest positive lowest lowest lowest lowest",
        "attack:free-rider-copy alike alike - alike alike positive alike alike alike alike",
        "attack:free-rider-replay highest highest highest highest alike positive highest alike alike alike",
        "attack:sybil-split lowest negative negative lowest highest positive lowest highest highest highest",
        "attack:inflate-examples positive positive - highest alike positive alike alike alike alike",
        "attack:inflate-loss alike positive - alike alike positive alike alike alike alike",
        "attack:sign-flip negative negative negative negative negative negative negative negative negative negative",
        "attack:model-replacement highest highest highest highest alike positive highest negative lowest lowest",
        "mplc:not-corrupted lowest lowest negative lowest alike positive lowest alike alike alike",
        "mplc:permutation negative negative negative negative negative negative negative lowest negative lowest",
        "mplc:permutation-circular negative negative negative negative negative negative negative lowest negative negative",
        "mplc:random negative negative negative lowest negative negative negative lowest negative lowest",
        "mplc:random-uniform negative negative negative negative negative negative negative lowest negative lowest",
        "mplc:redundancy lowest negative negative lowest lowest negative negative lowest lowest lowest",
        "mplc:duplication lowest lowest - lowest alike positive lowest alike alike alike",
    ];

    /// <summary>Methods with columns of their own, because they say something else than any default one.</summary>
    public static readonly string[] Others = ["hardness", "fedce", "dig-fl", "cgsv", "shapfed", "logdet", "ridge-leverage"];

    /// <summary>The columns are <see cref="Others"/>.</summary>
    public static readonly string[] OfOthers =
    [
        "attack:none alike alike alike alike alike alike alike",
        "attack:label-flip highest highest lowest lowest lowest lowest alike",
        "attack:label-permutation highest highest lowest lowest lowest highest highest",
        "attack:label-shift highest highest 0 lowest lowest highest highest",
        "attack:label-random highest highest lowest lowest lowest alike alike",
        "attack:feature-noise alike highest alike lowest lowest highest highest",
        "attack:duplicate-of alike alike alike alike alike positive positive",
        "attack:redundancy highest highest lowest lowest lowest highest highest",
        "attack:backdoor highest highest lowest lowest lowest highest highest",
        "attack:free-rider highest highest 0 0 0 0 0",
        "attack:free-rider-random highest highest lowest lowest lowest highest highest",
        "attack:free-rider-stale highest highest 0 negative negative lowest lowest",
        "attack:free-rider-delta highest highest lowest lowest lowest lowest lowest",
        "attack:free-rider-copy alike alike alike alike alike positive positive",
        "attack:free-rider-replay lowest alike highest alike alike alike alike",
        "attack:sybil-split highest highest highest highest highest highest highest",
        "attack:inflate-examples alike alike alike alike highest alike alike",
        "attack:inflate-loss alike alike alike alike alike alike alike",
        "attack:sign-flip highest highest 0 negative negative alike alike",
        "attack:model-replacement lowest alike highest alike highest highest highest",
        "mplc:not-corrupted highest alike lowest alike lowest lowest lowest",
        "mplc:permutation highest highest lowest lowest lowest alike highest",
        "mplc:permutation-circular highest highest 0 lowest lowest alike highest",
        "mplc:random highest highest lowest lowest lowest lowest alike",
        "mplc:random-uniform highest highest lowest lowest lowest lowest lowest",
        "mplc:redundancy highest highest lowest lowest lowest alike alike",
        "mplc:duplication highest positive lowest alike alike lowest lowest",
    ];

    /// <summary>The remaining methods, in the order of the table.</summary>
    public static readonly AlikeMethod[] Alike =
    [
        new("permutation", "exact", (ExpectedSign.Positive, "attack:none attack:free-rider-replay attack:inflate-loss")),
        new("permutation-antithetic", "exact"),
        new("stratified", "exact"),
        new("owen", "exact"),
        new("gtg", "exact"),
        new("fedsv", "exact", (ExpectedSign.Positive, "attack:free-rider-replay attack:sybil-split")),
        new("tmc", "exact",
            (ExpectedSign.Positive, "attack:free-rider-replay attack:sybil-split"),
            (ExpectedSign.Alike, "attack:feature-noise attack:inflate-examples")),
        new("mr", "exact"),
        new("tmr", "exact", (ExpectedSign.Negative, "attack:free-rider-delta")),
        new("or", "exact", (ExpectedSign.Positive, "attack:sybil-split"), (ExpectedSign.Negative, "mplc:redundancy")),
        new("asymmetric", "exact"),
        new("weighted-mean", "exact"),
        new("beta", "exact",
            (ExpectedSign.Lowest, "attack:label-flip attack:redundancy"),
            (ExpectedSign.Alike, "attack:feature-noise attack:inflate-examples"),
            (ExpectedSign.Highest, "attack:sybil-split")),
        new("fedrandom-mean", "exact",
            (ExpectedSign.Lowest, "attack:label-flip"),
            (ExpectedSign.Alike, "attack:feature-noise attack:free-rider-replay attack:sybil-split attack:inflate-examples")),
        new("banzhaf-msr", "banzhaf", (ExpectedSign.Positive, "attack:duplicate-of attack:free-rider-copy")),
        new("in-run-2", "in-run"),
    ];
}
