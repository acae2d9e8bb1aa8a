using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Games;

/// <summary>The axioms on random games of one to seven players.</summary>
public sealed class AxiomTests
{
    static Semivalue[] All(int n) =>
    [
        Semivalue.Shapley(n), Semivalue.Banzhaf(n), Semivalue.LeaveOneOut(n),
        Semivalue.WithSizes(BruteForce.BetaSizes(n, 16, 1)), Semivalue.WithSizes(BruteForce.BetaSizes(n, 1, 4)),
    ];

    static double[] Values(Semivalue semivalue, double[] game) => semivalue.Values(new TableGame(game).Table(), 0);

    [Fact]
    public void Shapley_values_sum_to_what_everybody_gains_together() => RandomGames.Check(RandomGames.Any, game =>
        Close.Equal(game[^1] - game[0], Values(Semivalue.Shapley(int.Log2(game.Length)), game).Sum()));

    [Fact]
    public void Values_are_those_of_the_definition() => RandomGames.Check(RandomGames.Any, game =>
    {
        foreach (Semivalue semivalue in All(int.Log2(game.Length)))
            Close.Equal(BruteForce.Semivalue(semivalue.SizeProbabilities.ToArray(), game), Values(semivalue, game));
    });

    [Fact]
    public void Interchangeable_players_get_the_same() => RandomGames.Check(RandomGames.WithPlayers, drawn =>
    {
        double[] game = RandomGames.Symmetrized(drawn.Game, drawn.First, drawn.Second);
        foreach (Semivalue semivalue in All(drawn.Order.Length))
        {
            double[] values = Values(semivalue, game);
            Close.Equal(values[drawn.First], values[drawn.Second]);
        }
    });

    [Fact]
    public void A_player_who_changes_nothing_gets_exactly_nothing() => RandomGames.Check(RandomGames.WithPlayers, drawn =>
    {
        double[] game = RandomGames.WithNullPlayer(drawn.Game, drawn.First);
        foreach (Semivalue semivalue in All(drawn.Order.Length))
            Assert.Equal(0, Values(semivalue, game)[drawn.First]);
    });

    [Fact]
    public void Values_are_linear_in_the_game() => RandomGames.Check(RandomGames.Pairs, pair =>
    {
        double[] mixed = [.. pair.First.Zip(pair.Second, (u, v) => 0.75 * u - 1.5 * v)];
        foreach (Semivalue semivalue in All(int.Log2(mixed.Length)))
        {
            double[] expected = [.. Values(semivalue, pair.First).Zip(Values(semivalue, pair.Second), (u, v) => 0.75 * u - 1.5 * v)];
            Close.Equal(expected, Values(semivalue, mixed));
        }
    });

    [Fact]
    public void Renamed_players_get_their_values_under_their_new_names() => RandomGames.Check(RandomGames.WithPlayers, drawn =>
    {
        double[] renamed = RandomGames.Relabelled(drawn.Game, drawn.Order);
        foreach (Semivalue semivalue in All(drawn.Order.Length))
        {
            double[] values = Values(semivalue, renamed);
            Close.Equal(Values(semivalue, drawn.Game), [.. drawn.Order.Select(name => values[name])]);
        }
    });

    [Fact]
    public void Other_semivalues_do_not_sum_to_the_gain()
    {
        double[] game = BruteForce.RandomGame(5, 3);
        double gain = game[^1] - game[0];
        foreach (Semivalue semivalue in All(5).Skip(1))
            Assert.NotEqual(gain, Values(semivalue, game).Sum(), 0.01); // not by rounding, but by far
    }
}
