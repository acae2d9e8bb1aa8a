using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Sampling;

/// <summary>The clock of these tests has moved one second after every batch.</summary>
public sealed class TimeLimitTests
{
    /// <summary>Every method that stops by the run's rule, with the settings under which it does.</summary>
    static readonly string[] Timed =
    [
        "permutation", "banzhaf-msr", "permutation-antithetic", "stratified", "owen", "tmc", "fedsv:epsilon=0", "fedrandom-mean:exact-up-to=0",
    ];

    static readonly VectorRound Round = VectorRound.Random(6, 90);
    static readonly TableGame Clear = new([.. Enumerable.Range(0, 32).Select(mask => mask + 0.1 * Math.Sqrt(int.PopCount(mask)))]);

    static MethodResult Value(
        string method, string stop, TimeProvider? clock = null, RecordedStop? recorded = null, IUtility? game = null, int minimum = 2,
        int maximum = 4096, int threads = 1)
    {
        var rule = new StoppingRule(minimum, maximum, 0) { Condition = StopCondition.Parse(stop) };
        IRoundMethod found = MethodCatalog.Get(method);
        RoundEvidence plain = game is null ? Round.Evidence() : GameRound.Of(game);
        return found.Value(new RoundEvidence(
            1, 1, plain.Weights, plain.Geometry, plain.Utility, plain.Measured, rule, threads)
        {
            Accumulate = plain.Accumulate,
            Clock = clock,
            RecordedStops = recorded is { } stopped
                ? new Dictionary<string, RecordedStop> { [found.Info.Name] = stopped }
                : new Dictionary<string, RecordedStop>(),
        });
    }

    static RecordedStop Stopped(long permutations, bool converged = false) =>
        new(permutations, converged ? MethodResult.Converged : MethodResult.StoppedAtMaximum);

    static MethodResult Again(string stop, long permutations, bool converged, int maximum = 100, IUtility? game = null, int minimum = 2) =>
        Value("permutation", stop, recorded: Stopped(permutations, converged), game: game, minimum: minimum, maximum: maximum);

    static void AssertSame(MethodResult expected, MethodResult actual)
    {
        Assert.Equal(expected.Estimate.Values, actual.Estimate.Values);
        Assert.Equal(expected.Estimate.SamplingErrors, actual.Estimate.SamplingErrors);
        Assert.Equal(expected.Estimate.Replicates.Count, actual.Estimate.Replicates.Count);
        foreach ((IReadOnlyList<double> one, IReadOnlyList<double> other) in expected.Estimate.Replicates.Zip(actual.Estimate.Replicates))
            Assert.Equal(one, other);
        Assert.Equal((expected.Evaluations, expected.Permutations, expected.Status), (actual.Evaluations, actual.Permutations, actual.Status));
    }

    public static TheoryData<string> TimedMethods => [.. Timed];

    [Theory]
    [MemberData(nameof(TimedMethods))]
    public void When_time_is_up_the_values_are_those_of_as_many_permutations_and_come_again_without_a_clock(string method)
    {
        MethodResult timed = Value(method, "time:3", new SteppingClock());
        Assert.InRange(timed.Permutations, 33, 48); // three batches
        Assert.Equal(MethodResult.StoppedAtMaximum, timed.Status);
        AssertSame(Value(method, $"permutations:{timed.Permutations}"), timed);
        AssertSame(timed, Value(method, "time:3", recorded: Stopped(timed.Permutations), threads: 2));
        Assert.NotEqual(Value(method, "time:9", new SteppingClock()).Estimate.Values, timed.Estimate.Values);
    }

    [Fact]
    public void No_other_method_looks_at_the_clock_and_no_method_does_without_a_time_limit()
    {
        foreach (string method in Timed.Concat(MethodCatalog.All.Select(method => method.Info.Name)).Distinct())
        {
            var clock = new SteppingClock();
            Value(method, "permutations:32", clock, maximum: 64);
            Assert.Equal(0, clock.Looks);
            Value(method, "permutations:32|time:1000", clock, maximum: 64);
            bool timed = Timed.Select(name => MethodCatalog.Get(name).Info.Name).Contains(MethodCatalog.Get(method).Info.Name);
            Assert.Equal(timed, clock.Looks > 1); // where it began, and after every batch
        }
    }

    [Fact]
    public void Time_is_up_at_the_batch_after_which_so_many_seconds_have_passed()
    {
        Assert.Equal(16, Value("permutation", "time:0.001", new SteppingClock()).Permutations);
        Assert.Equal(48, Value("permutation", "time:2.001", new SteppingClock()).Permutations);
        Assert.Equal(16, Value("permutation", "time:60", new SteppingClock(step: 60)).Permutations);
        Assert.Equal(32, Value("permutation", "time:61", new SteppingClock(step: 60)).Permutations);
        Assert.Equal(50, Value("permutation", "time:1000", new SteppingClock(), maximum: 50).Permutations);
        Assert.Equal(48, Value("permutation", "time:1", new SteppingClock(), minimum: 40).Permutations);
    }

    [Theory]
    [InlineData("time:3&permutations:100", 112, MethodResult.StoppedAtMaximum)]
    [InlineData("permutations:20&time:3", 48, MethodResult.StoppedAtMaximum)]
    [InlineData("time:3|permutations:20", 32, MethodResult.StoppedAtMaximum)]
    [InlineData("permutations:100|time:3", 48, MethodResult.StoppedAtMaximum)]
    [InlineData("rank-stable:1&time:5", 80, MethodResult.Converged)]
    [InlineData("rank-stable:3|time:5", 64, MethodResult.Converged)]
    [InlineData("rank-stable:8|time:5", 80, MethodResult.StoppedAtMaximum)]
    [InlineData("time:2&evaluations:1|time:5", 32, MethodResult.StoppedAtMaximum)]
    [InlineData("time:2&absolute-error:0|time:5", 80, MethodResult.StoppedAtMaximum)]
    public void Time_is_joined_as_every_other_term_and_is_no_convergence(string stop, int permutations, string status)
    {
        MethodResult timed = Value("permutation", stop, new SteppingClock(), game: Clear);
        Assert.Equal((permutations, status), (timed.Permutations, timed.Status));
        AssertSame(timed, Again(stop, permutations, status == MethodResult.Converged, maximum: 4096, game: Clear));
    }

    [Theory]
    [InlineData("time:3", 47, false, "whole batches, the next of which ends at 48")]
    [InlineData("time:3", 0, false, "whole batches, the next of which ends at 16")]
    [InlineData("time:3", -1, false, "whole batches, the next of which ends at 16")]
    [InlineData("time:3", 112, false, "at most 100 can be drawn")]
    [InlineData("time:3", long.MaxValue, true, "at most 100 can be drawn")]
    [InlineData("time:3", 48, true, "the condition does not allow this there")]
    [InlineData("time:3", 100, true, "the condition does not allow this there")]
    [InlineData("time:3|permutations:40", 64, false, "the condition held after 48, whatever the time")]
    [InlineData("time:3&permutations:40", 32, false, "the condition does not allow this there")]
    [InlineData("time:3|rank-stable:2", 48, false, "the condition does not allow this there")]
    [InlineData("time:3|rank-stable:2", 64, true, "the condition held after 48, whatever the time")]
    [InlineData("time:3&rank-stable:2", 32, true, "the condition does not allow this there")]
    [InlineData("time:3&rank-stable:2", 64, false, "the condition does not allow this there")]
    public void A_stop_that_no_course_of_time_leads_to_is_refused(string stop, long permutations, bool converged, string part)
    {
        string message = Assert.Throws<ImpossibleStopException>(() => Again(stop, permutations, converged, game: Clear)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains($"after {permutations} permutations", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_before_the_minimum_is_refused() => Assert.Contains(
        "does not allow", Assert.Throws<ImpossibleStopException>(() => Again("time:3", 16, false, minimum: 32)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_stop_that_some_course_of_time_leads_to_is_drawn_again()
    {
        for (int permutations = 16; permutations <= 96; permutations += 16)
            Assert.Equal(permutations, Again("time:3", permutations, false).Permutations);
        Assert.Equal((100, MethodResult.StoppedAtMaximum), (Again("time:3", 100, false).Permutations, Again("time:3", 100, false).Status));
        const string either = "time:3&absolute-error:100|time:5"; // converged between the two limits and after them
        Assert.Equal(MethodResult.Converged, Again(either, 48, true).Status);
        Assert.Throws<ImpossibleStopException>(() => Again(either, 48, false));
    }

    [Fact]
    public void Without_a_time_limit_a_record_changes_nothing() =>
        AssertSame(Value("permutation", "permutations:40"), Value("permutation", "permutations:40", recorded: Stopped(1, true)));

    [Fact]
    public void A_time_limit_with_nothing_to_go_by_is_an_error() => Assert.Contains(
        "'time:3' needs a clock, or the number", Assert.Throws<ArgumentException>(() => Value("permutation", "time:3")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_round_of_nobody_ends_as_well()
    {
        foreach (string method in Timed.Where(name => !name.StartsWith("fedrandom", StringComparison.Ordinal)))
        {
            MethodResult nobody = Value(method, "time:1", new SteppingClock(), game: new TableGame([0.5]));
            AssertSame(nobody, Value(method, "time:1", recorded: Stopped(nobody.Permutations), game: new TableGame([0.5])));
        }
    }
}
