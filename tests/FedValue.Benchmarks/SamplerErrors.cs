using System.Globalization;
using System.Text;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Benchmarks;

/// <summary>
/// How the error of every sampler falls with its budget: no times, the same numbers on every machine. The squared error is the mean over
/// participants and seeds, divided by the mean square of the true values.
/// </summary>
static class SamplerErrors
{
    const int Seeds = 50;

    /// <summary>Permutations, or as many marginal contributions in their place.</summary>
    public static readonly int[] Budgets = [32, 64, 128, 256, 512];

    /// <summary>GTG is to use its whole budget here: no truncated rounds, no convergence before.</summary>
    public static readonly string[] Methods =
        ["permutation", "permutation-antithetic", "stratified", "owen", "tmc", "gtg:between=0:change=1e-9", "banzhaf-msr"];

    /// <summary>One curve.</summary>
    /// <param name="Method">Its name without settings.</param>
    /// <param name="Points">Squared error and distinct coalitions by budget.</param>
    public sealed record Curve(string Method, (double Error, double Evaluations)[] Points);

    /// <summary>Measures, writes <c>samplers.svg</c> and the tables of the README in this folder.</summary>
    public static async Task RunAsync()
    {
        KnownGame[] games = [await KnownGame.DigitsAsync(), KnownGame.Synthetic()];
        (KnownGame Game, Curve[] Curves)[] all = [.. games.Select(game => (game, Curves(game)))];
        string folder = Folder();
        await File.WriteAllTextAsync(Path.Combine(folder, "samplers.svg"), SamplerChart.Draw(all));
        string tables = string.Join("\n", all.Select(one => Table(one.Game, one.Curves)));
        Console.Write(tables);
        WriteBetween(Path.Combine(folder, "README.md"), "samplers", tables);
    }

    /// <summary>Replaces what stands between the marks of a name in a file.</summary>
    public static void WriteBetween(string path, string name, string content)
    {
        string from = $"<!-- {name} -->\n", to = $"<!-- end of {name} -->", text = File.ReadAllText(path);
        int begin = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        File.WriteAllText(path, text[..begin] + content + text[text.IndexOf(to, StringComparison.Ordinal)..]);
    }

    static Curve[] Curves(KnownGame game)
    {
        var table = CoalitionTable.Evaluate(game, threads: 1);
        double[] shapley = Semivalue.Shapley(game.Players).Values(table, 0), banzhaf = Semivalue.Banzhaf(game.Players).Values(table, 0);
        return
        [
            .. Methods.Select(method => new Curve(
                method.Split(':')[0], [.. Budgets.Select(budget => Point(method, game, method == "banzhaf-msr" ? banzhaf : shapley, budget))])),
        ];
    }

    static (double Error, double Evaluations) Point(string method, KnownGame game, double[] truth, int budget)
    {
        int samples = method == "banzhaf-msr" ? budget * game.Players / 2 : budget; // a pair has two evaluations, a permutation n
        double error = 0, evaluations = 0, scale = truth.Average(value => value * value);
        for (int seed = 1; seed <= Seeds; seed++)
        {
            int n = game.Players;
            var geometry = new RoundGeometry(new double[n], new double[n], [], 0, [], _ => new double[n]);
            MethodResult result = MethodCatalog.Get(method).Value(new RoundEvidence(
                1, seed, new double[n], geometry, game, new OnlyAGame(), new StoppingRule(samples, samples, 0), threads: 1));
            error += result.Estimate.Values.Zip(truth, (estimate, value) => (estimate - value) * (estimate - value)).Average() / scale / Seeds;
            evaluations += result.Evaluations / (double)Seeds;
        }
        return (error, evaluations);
    }

    static string Table(KnownGame game, Curve[] curves)
    {
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"| {game.Name} |").AppendJoin("", Budgets.Select(budget => $" {budget} |")).Append('\n');
        table.Append("| --- |").AppendJoin("", Budgets.Select(_ => " ---: |")).Append('\n');
        foreach (Curve curve in curves)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {curve.Method} |").AppendJoin("", curve.Points.Select(point =>
                string.Create(CultureInfo.InvariantCulture, $" {point.Error:0.0e-0} ({point.Evaluations:F0}) |"))).Append('\n');
        }
        return table.ToString();
    }

    /// <summary>This project's folder, from wherever below the repository it runs.</summary>
    internal static string Folder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "FedValue.sln")))
            at = at.Parent;
        return Path.Combine((at ?? throw new DirectoryNotFoundException("Run it from within the repository.")).FullName, "tests",
            "FedValue.Benchmarks");
    }

    /// <summary>A game has no models, so nothing else can be measured.</summary>
    sealed class OnlyAGame : IRoundMeasurements
    {
        public IReadOnlyList<double[]> OwnLosses => [];

        public IReadOnlyList<double> MeanDrop => [];

        public IReadOnlyList<double> WeightedDrop => [];

        public IReadOnlyList<double[]> LossesWithout => [];

        public IReadOnlyList<double[]> CurvatureProducts => [];

        public IReadOnlyList<ClassProducts> LastLayer => [];
    }
}
