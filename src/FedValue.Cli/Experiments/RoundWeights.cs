using System.Globalization;

namespace FedValue.Cli.Experiments;

/// <summary>
/// How the values of rounds are added: all alike, or <c>halting:R</c>, the weights of the volatility paper (arXiv 2405.08044v4, eq. 2):
/// phi_k(R) = sum over t from 0 of ((R - t) / R) phi_k^t, so that the first round weighs 1 and round R + 1 and later ones nothing.
/// </summary>
/// <param name="Halting">R; null where all rounds weigh the same.</param>
readonly record struct RoundWeights(int? Halting)
{
    const string Sum = "sum", HaltingAt = "halting:";
    const int RoundsMax = 1_000_000;

    /// <summary>Reads <c>sum</c> or <c>halting:R</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static RoundWeights Parse(string text)
    {
        if (text == Sum)
            return default;
        if (text.StartsWith(HaltingAt, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(HaltingAt.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int rounds)
            && rounds is >= 1 and <= RoundsMax)
            return new RoundWeights(rounds);
        throw new FormatException($"Round weights are {Sum} or {HaltingAt}R with R from 1 to {RoundsMax}, but '{text}' came.");
    }

    /// <summary>What a round weighs.</summary>
    /// <param name="round">Counted from 0.</param>
    public double Of(int round) => Halting is { } rounds ? Math.Max(0, rounds - round) / (double)rounds : 1;

    /// <summary>The weighted sums of values (rounds x participants), rounds ascending.</summary>
    public double[] Total(IReadOnlyList<IReadOnlyList<double>> rounds, int participants)
    {
        var total = new double[participants];
        for (int t = 0; t < rounds.Count; t++)
        {
            double weight = Of(t);
            for (int k = 0; k < participants; k++)
                total[k] += weight * rounds[t][k];
        }
        return total;
    }

    public override string ToString() => Halting is { } rounds ? HaltingAt + rounds.ToString(CultureInfo.InvariantCulture) : Sum;
}
