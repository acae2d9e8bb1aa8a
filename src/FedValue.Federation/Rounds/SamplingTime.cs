using FedValue.Ledger.Events;
using FedValue.Valuation.Sampling;

namespace FedValue.Federation.Rounds;

/// <summary>
/// What a time limit of the sampling terms goes by: a clock where a round is valued for the first time; where it is valued again, the numbers
/// of permutations and the statuses on the ledger, because the time itself is not there.
/// </summary>
public sealed class SamplingTime
{
    SamplingTime(TimeProvider? clock, IReadOnlyDictionary<string, RecordedStop> stops)
    {
        Clock = clock;
        Stops = stops;
    }

    internal TimeProvider? Clock { get; }

    internal IReadOnlyDictionary<string, RecordedStop> Stops { get; }

    /// <summary>The time that really passes.</summary>
    public static SamplingTime By(TimeProvider clock) => new(clock, new Dictionary<string, RecordedStop>());

    /// <summary>The time as far as the ledger knows it.</summary>
    public static SamplingTime Recorded(RoundValued valued)
    {
        var stops = new Dictionary<string, RecordedStop>();
        foreach (MethodValuation valuation in valued.Valuations)
            stops[valuation.Method] = new RecordedStop(valuation.Permutations, valuation.Status);
        return new SamplingTime(null, stops);
    }
}
