using FedValue.Valuation.Methods;

namespace FedValue.Valuation.Anomalies;

/// <summary>A round with what is computed from it once.</summary>
sealed class RoundMeasures
{
    readonly double? _medianNorm;
    readonly double _medianExamples;

    public RoundMeasures(RoundObservations seen)
    {
        Seen = seen;
        Angles = seen.Gram is { } gram ? new UpdateAngles(gram, seen.Count) : null;
        double[] moving = [.. seen.SquaredNorms.Select(Math.Sqrt).Where(norm => norm > RoundGeometry.NormMin)];
        _medianNorm = Median(moving);
        _medianExamples = Median([.. seen.Examples.Select(examples => (double)examples)]) ?? 1;
    }

    public RoundObservations Seen { get; }

    public UpdateAngles? Angles { get; }

    public int IndexOf(string participant)
    {
        for (int k = 0; k < Seen.Count; k++)
        {
            if (Seen.Participants[k] == participant)
                return k;
        }
        return -1;
    }

    /// <summary>Norm over the median norm of moving updates; null for an update that does not move.</summary>
    public double? NormRatio(int k) => Math.Sqrt(Seen.SquaredNorms[k]) is var norm && norm > RoundGeometry.NormMin
        ? norm / _medianNorm!.Value : null;

    public double ExamplesRatio(int k) => Seen.Examples[k] / _medianExamples;

    /// <summary>The middle number, or the mean of the middle two; null of none. Sorts what it is given.</summary>
    public static double? Median(double[] numbers)
    {
        if (numbers.Length == 0)
            return null;
        Array.Sort(numbers);
        int half = numbers.Length / 2;
        return numbers.Length % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
    }
}
