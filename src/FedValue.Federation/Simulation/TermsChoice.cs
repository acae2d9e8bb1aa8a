using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Federation.Simulation;

/// <summary>
/// Terms made from wishes, the same way for a simulation and for a federation of real trainers: what was not asked for is chosen here.
/// </summary>
/// <param name="Options">The options with every choice about the terms made; what a simulation does besides is not looked at.</param>
/// <param name="Terms">What the participants agree to.</param>
public sealed record TermsChoice(SimulationOptions Options, FederationTerms Terms)
{
    /// <summary>Up to this many participants in a round, methods that enumerate all coalitions are chosen by default.</summary>
    const int EnumerateByDefaultMax = 12;
    const int MinimumPermutations = 32;

    // Settings to blame, as TermsFault spells them.
    const string Methods = "methods", PayBy = "payBy";

    /// <summary>Makes the choices.</summary>
    /// <param name="wish">What is asked for.</param>
    /// <param name="cohort">
    /// How many participants a round invites; for a federation that grows, how many it begins with; null: nobody knows, so methods whose effort
    /// depends on it run only where they are asked for.
    /// </param>
    /// <param name="schedule">When rounds open and close by themselves; null: they do not.</param>
    /// <param name="normLimit">The largest norm of an update; null: any.</param>
    /// <param name="there">What there is beside the updates: without validation rows, methods that need none are chosen.</param>
    /// <exception cref="SimulationException">Something cannot be done; the message is one sentence.</exception>
    /// <exception cref="FormatException">A name or number is none that is known.</exception>
    public static TermsChoice Of(SimulationOptions wish, int? cohort, RoundSchedule? schedule = null, double? normLimit = null,
        MethodNeeds there = MethodNeeds.Validation)
    {
        AggregationPreset preset = wish.Preset is { } named ? AggregationPreset.Get(named) : AggregationPreset.FedValue;
        AggregationPool? counterfactual = CounterfactualPool(wish, preset);
        SimulationOptions options = wish with
        {
            Stop = wish.Stop is null ? null : StopCondition.Parse(wish.Stop).Text,
            Counterfactual = counterfactual is null ? null : [.. counterfactual.Members.Select(m => m.Spec)],
        };
        options = ChooseMethods(options, cohort, there);
        var pool = AggregationPool.Parse(options.Aggregator, preset);
        options = options with { Aggregator = pool.Spec, Preset = null, Model = options.Model == "" ? "" : Architecture.Parse(options.Model).Spec };
        FederationTerms terms = TermsOf(options, pool, counterfactual) with
        {
            Schedule = schedule,
            NormLimit = normLimit is { } limit ? new DoubleBits(limit) : null,
        };
        return new TermsChoice(options, terms);
    }

    /// <summary>Why a number among the wishes cannot stand in terms, as a sentence; null when all can.</summary>
    public static string? Problem(SimulationOptions o) => Fault(o)?.Sentence;

    /// <summary>The same with the setting to blame.</summary>
    public static TermsFault? Fault(SimulationOptions o) =>
        (o.GramLimit < 0 ? new TermsFault("gramLimit", $"The Gram limit must be 0 or more, but {o.GramLimit} came.") : null)
        ?? (o.Permutations < MinimumPermutations
            ? new TermsFault("permutations", $"At least {MinimumPermutations} permutations are needed, but {o.Permutations} came.") : null)
        ?? ((Int128)o.Budget * o.Rounds > long.MaxValue
            ? new TermsFault("budget", $"The budgets of all rounds must sum to at most {long.MaxValue}, but {o.Rounds} of {o.Budget} came.") : null);

    /// <summary>The most participants that a round under these terms can invite, for methods that enumerate or have limits of their own.</summary>
    public static int LargestRound(FederationTerms terms) => terms.Methods.Select(method => MethodCatalog.Get(method).Info)
        .Select(info => Math.Min(info.Enumerates ? CoalitionTable.PlayersMax : int.MaxValue, info.ParticipantsMax ?? int.MaxValue))
        .Append(FederationState.CohortMax).Min();

    static AggregationPool? CounterfactualPool(SimulationOptions o, AggregationPreset preset) => o.Counterfactual switch
    {
        null or [] => null,
        [var one] => AggregationPool.Parse(one, preset),
        [var first, ..] when first.StartsWith(AggregationPool.FedRandom + ":", StringComparison.Ordinal) =>
            AggregationPool.Parse(string.Join(',', o.Counterfactual), preset),
        var several => new AggregationPool(several.Select(preset.Parse)),
    };

    static SimulationOptions ChooseMethods(SimulationOptions o, int? cohort, MethodNeeds there)
    {
        IReadOnlyList<string> methods = o.Methods is { } named
            ? [.. named.Select(spec => MethodCatalog.Get(spec).Info.Name)]
            : there < MethodNeeds.Validation ? [.. MethodCatalog.WithoutValidation.Select(m => m.Info.Name)]
            : [.. MethodCatalog.Defaults.Where(m => cohort <= EnumerateByDefaultMax || !m.Info.Enumerates).Select(m => m.Info.Name)];
        if (o.Counterfactual is not null && !methods.Any(m => m.Split(':')[0] == MethodCatalog.FedRandomMeanName))
            methods = [.. methods, MethodCatalog.Get(MethodCatalog.FedRandomMeanName).Info.Name];
        foreach (string method in methods)
        {
            MethodInfo info = MethodCatalog.Get(method).Info;
            if (info.Enumerates && cohort is { } count && CoalitionTable.TooLarge(count) is { } problem)
                throw new SimulationException($"Method '{method}': {problem}", Methods);
            if (info.NeedsEverybody && cohort < o.Participants)
            {
                throw new SimulationException(
                    $"Method '{method}' needs everybody in every round, but {cohort} of {o.Participants} would be invited; " +
                    "leave it out or use --participation 1.", Methods);
            }
            if (info.ParticipantsMax is { } most && cohort > most)
            {
                throw new SimulationException(
                    $"Method '{method}' values rounds of at most {most} participants, but {cohort} would be invited; " +
                    "leave it out or lower --participation.", Methods);
            }
        }
        if (methods.GroupBy(m => m).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new SimulationException($"Method '{twice.Key}' is named twice.", Methods);
        if (o.Policy != PaymentPolicy.Proportional)
        {
            return o.PayBy is null or ""
                ? o with { Methods = methods, PayBy = "" }
                : throw new SimulationException(
                    $"With policy '{o.Policy}' no method decides the payouts, but --pay-by '{o.PayBy}' came; leave it out.", PayBy);
        }
        string? payBy = o.PayBy is { } spelled ? Spelled(spelled) : (methods.Contains(MethodCatalog.ExactName) ? MethodCatalog.ExactName
            : methods.Contains(MethodCatalog.PermutationName) ? MethodCatalog.PermutationName
            : there < MethodNeeds.Validation ? methods.FirstOrDefault()
            : o.Methods is [_] && methods[0] != MethodCatalog.HardnessName ? methods[0] : null); // high hardness is bad: it pays where asked to
        if (payBy is null)
        {
            throw new SimulationException(methods.Count == 0
                ? "No valuation method is named to decide the payouts: name one with --methods, or use --policy equal or by-size."
                : "Neither 'exact' nor 'permutation' is among the methods: name the one that pays with --pay-by, or use --policy equal.",
                methods.Count == 0 ? Methods : PayBy);
        }
        string computed = methods.Count == 0 ? "none" : string.Join(", ", methods);
        return methods.Contains(payBy)
            ? o with { Methods = methods, PayBy = payBy }
            : throw new SimulationException($"The payouts are to follow '{payBy}', but the methods are {computed}.", PayBy);

        // A name without settings is that of the only such method, whatever its settings.
        string Spelled(string spec) => !methods.Contains(Canonical(spec)) && methods.Where(m => m.Split(':')[0] == spec).ToArray() is [var only]
            ? only : Canonical(spec);

        static string Canonical(string spec) =>
            MethodCatalog.Catalog.Entries.Any(entry => entry.Name == spec.Split(':')[0]) ? MethodCatalog.Get(spec).Info.Name : spec;
    }

    static AggregatorTerms[] TermsOf(AggregationPool pool) => [.. pool.Members.Select(m => new AggregatorTerms(m.Spec, m.SmallCoalitions))];

    static FederationTerms TermsOf(SimulationOptions o, AggregationPool pool, AggregationPool? counterfactual) => new(
        o.Model,
        TermsOf(pool),
        o.Utility,
        o.Methods!,
        o.Stop is null
            ? new SamplingTerms(MinimumPermutations, o.Permutations, o.Tolerance)
            : new SamplingTerms(MinimumPermutations, o.Permutations, Tolerance: 0, new StopText(o.Stop)),
        o.GramLimit,
        new PaymentTerms(o.Budget, o.PayBy!, o.Policy, o.IfNonePositive),
        o.Seed,
        counterfactual is null ? default : new CounterfactualTerms(TermsOf(counterfactual)));
}
