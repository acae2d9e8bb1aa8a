using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using FedValue.Valuation.Methods;

namespace FedValue.Benchmarks;

/// <summary>Seconds to value one round from its updates: everything from the first figure to the blobs.</summary>
public class RoundBenchmark
{
    /// <summary>Permutations drawn by the sampled method; a fixed number, so that sizes compare.</summary>
    public const int Permutations = 32;

    SyntheticRound _round = null!;

    [ParamsSource(nameof(Methods))]
    public string Method { get; set; } = "";

    [Params(8, 64)]
    public int Updates { get; set; }

    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Weights { get; set; }

    public static IEnumerable<string> Methods => MethodCatalog.Defaults.Select(method => method.Info.Name);

    /// <summary>2^64 coalitions are nobody's benchmark.</summary>
    public bool IsPossible => IsPossibleFor(Method, Updates);

    /// <summary>Whether a method values rounds of so many updates.</summary>
    public static bool IsPossibleFor(string method, int updates)
    {
        MethodInfo info = MethodCatalog.Get(method).Info;
        return updates <= (info.Enumerates ? 8 : info.ParticipantsMax ?? updates);
    }

    [GlobalSetup]
    public void Setup() => _round = new SyntheticRound(Updates, Weights);

    [Benchmark]
    public object Value() => IsPossible ? _round.Value(Method, Permutations) : this;
}
