using System.Text.Json;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

public sealed class AsymmetricShapleyTests
{
    static Estimate Value(string method, VectorRound round) => MethodCatalog.Get(method).Value(round.Evidence()).Estimate;

    [Fact]
    public void The_values_are_those_of_the_vectors()
    {
        JsonElement element = VectorFile.Read("valuation_vectors.json").GetProperty("ads");
        double[][] x = element.Rows("X"), groups = element.Rows("groups");
        double[] utilities = Vectors.QuadraticGame(x, element.Numbers("alpha"));
        VectorRound round = VectorRound.Random(x.Length, 1) with
        {
            Game = new TableGame(x.Length, mask => [utilities[mask], utilities[mask], utilities[mask]]),
            JoinedIn = [.. Enumerable.Range(0, x.Length).Select(k => Array.FindIndex(groups, group => group.Contains(k)))],
        };
        Close.Equal(element.Numbers("values"), Value("asymmetric", round).Values);
    }

    [Fact]
    public void They_are_the_mean_over_the_orders_in_which_nobody_comes_before_who_joined_earlier()
    {
        for (int n = 1; n <= 6; n++)
        {
            for (uint name = 0; name < 5; name++)
            {
                VectorRound round = VectorRound.Random(n, name);
                int[] joined = round.JoinedIn;
                double[][] marginals =
                [
                    .. BruteForce.Orders(n).Where(order => order.Zip(order.Skip(1)).All(pair => joined[pair.First] <= joined[pair.Second]))
                        .Select(order => BruteForce.Marginals(order, round.Game.Column(1))),
                ];
                double[] expected = [.. Enumerable.Range(0, n).Select(k => marginals.Average(m => m[k]))];
                Close.Equal(expected, Value("asymmetric", round).Replicates[0]);
            }
        }
    }

    [Fact]
    public void Who_joined_together_is_valued_as_by_exact_Shapley()
    {
        VectorRound round = VectorRound.Random(5, 3) with { JoinedIn = [4, 4, 4, 4, 4] };
        Assert.Equal(Value("exact", round).Values, Value("asymmetric", round).Values);
        Assert.Equal(Value("exact", round).Replicates, Value("asymmetric", round).Replicates);
    }

    [Fact]
    public void A_later_copy_earns_nothing_where_the_first_one_brought_all_there_is()
    {
        // Two of the same kind, and one is enough.
        VectorRound round = VectorRound.Random(2, 4) with
        {
            Game = new TableGame(2, mask => mask == 0 ? [0, 0, 0] : [1, 1, 1]),
            JoinedIn = [2, 1],
        };
        Assert.Equal([0, 1], Value("asymmetric", round).Values);
        Assert.Equal([0.5, 0.5], Value("exact", round).Values);
    }
}
