using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;
using FedValue.Tests.Federation.Aggregation;
using FedValue.Tests.Federation.Learning;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>Coalitions measured by sums of first layers, beside the models that the rule forms.</summary>
public class CoalitionSumsTests
{
    /// <summary>fp32 weights rounded at other places move a mean loss of about 1 by some 1e-8.</summary>
    const double Tolerance = 1e-6;

    const int Features = 13, Classes = 5;

    public static TheoryData<string, string, int> Games => new()
    {
        { "fedavg", "softmax", 8 },
        { "fedavg", "mlp:7", 5 },
        { "fedavg", "mlp:17,15", 4 },
        { "fedavg", "mlp:3,2,4", 3 },
        { "fedavg", "softmax", 1 },
        { "fedavgm", "mlp:9", 6 },
        { "fedavgm:server-learning-rate=0.5:momentum=0.3", "softmax", 7 },
        { "qfedavg", "mlp:14,6", 3 },
        { "qfedavg:q=2:learning-rate=0.5", "softmax", 2 },
    };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Parts_are_the_same_however_many_threads_may_make_them(int threads)
    {
        Network network = MadeUp.Network("softmax", Features, Classes);
        var validation = new ValidationSet(network, new ValidationRows(MadeUp.Rows(Features, Classes, 50)));
        for (int count = 0; count < 6; count++)
        {
            TiledModel[] parts = UpdateParts.Of(validation, count, threads, (k, part) => MadeUp.Weights(network, k).CopyTo(part, 0));
            Assert.Equal(count, parts.Length);
            for (int k = 0; k < count; k++)
            {
                TiledModel expected = validation.TiledNetwork.Project(validation.Tiles, MadeUp.Weights(network, k))[0];
                Assert.Equal(Bits.Of(expected.First.Span), Bits.Of(parts[k].First.Span));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void Utilities_are_those_of_the_models_that_the_rule_forms(string spec, string architecture, int participants)
    {
        Round round = new(spec, architecture, participants);
        foreach (UtilityKind kind in Enum.GetValues<UtilityKind>())
        {
            CoalitionUtility utility = round.Utility(kind);
            Assert.Equal(CoalitionPath.FirstLayerSums, utility.Path);
            CoalitionTable table = CoalitionTable.Evaluate(utility, threads: 1);
            foreach (int[] coalition in MadeUpRounds.Coalitions(participants))
            {
                double[] rebuilt = Utilities.Of(kind, round.Validation, round.Validation.Score(round.Model(coalition)));
                int mask = coalition.Sum(k => 1 << k);
                for (int column = 0; column < rebuilt.Length; column++)
                    Assert.Equal(rebuilt[column], table[mask, column], Tolerance);
            }
        }
    }

    [Fact]
    public void A_game_that_nobody_plays_any_more_is_forgotten()
    {
        WeakReference[] games = [.. Enumerable.Range(0, 4).Select(_ => Played())];
        for (int attempt = 0; attempt < 10 && games.Any(game => game.IsAlive); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.DoesNotContain(games, game => game.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Played()
        {
            CoalitionUtility utility = new Round("fedavg", "mlp:7", 5).Utility(default);
            CoalitionTable.Evaluate(utility, threads: 2);
            utility.Evaluate(Coalition.Of(1), new double[utility.Columns]);
            return new WeakReference(utility);
        }
    }

    [Theory]
    [MemberData(nameof(Games))]
    public void One_coalition_alone_has_the_bits_of_the_walk_over_all_on_any_number_of_threads(string spec, string architecture, int participants)
    {
        Round round = new(spec, architecture, participants);
        foreach (UtilityKind kind in Enum.GetValues<UtilityKind>())
        {
            CoalitionUtility utility = round.Utility(kind);
            CoalitionTable table = CoalitionTable.Evaluate(utility, threads: 1);
            foreach (int threads in new[] { 2, 3, 16 })
            {
                CoalitionTable other = CoalitionTable.Evaluate(round.Utility(kind), threads);
                for (int column = 0; column < table.Columns; column++)
                    AssertSameBits(Column(table, column), Column(other, column), $"{threads} threads");
            }
            var alone = new double[utility.Columns];
            for (int mask = 0; mask < 1 << participants; mask++)
            {
                utility.Evaluate(Coalition.OfMask((ulong)mask), alone);
                AssertSameBits([.. Enumerable.Range(0, table.Columns).Select(column => table[mask, column])], alone, $"coalition {mask}");
            }
        }
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("mlp:20")]
    [InlineData("mlp:14,6")]
    public void Coalitions_of_unchanged_models_are_worth_what_the_base_model_is_to_the_bit(string architecture)
    {
        Round round = new("fedavg", architecture, participants: 3, changed: 0);
        CoalitionTable table = CoalitionTable.Evaluate(round.Utility(UtilityKind.ValidationLoss), threads: 1);
        for (int mask = 1; mask < 8; mask++)
        {
            for (int column = 0; column < table.Columns; column++)
                Assert.Equal(table[0, column], table[mask, column]);
        }
    }

    [Fact]
    public void An_accumulated_game_is_measured_the_same_way()
    {
        Round round = new("fedavg", "mlp:6", participants: 4);
        double[][] sums = [.. Enumerable.Range(0, 4).Select(k => round.Updates.Rows.Model(k).ToArray()
            .Select((weight, i) => (double)weight - round.Updates.Rows.Base[i]).ToArray())];
        var accumulated = new AccumulatedUtility(
            round.Validation, UtilityKind.ValidationLoss, round.Updates.Rows.Base.ToArray(), round.Updates, sums, threads: 1);
        CoalitionTable expected = CoalitionTable.Evaluate(round.Utility(UtilityKind.ValidationLoss), threads: 1);
        double[] utilities = expected.Utilities(), actual = CoalitionTable.Evaluate(accumulated, threads: 2).Utilities();
        Assert.Equal(utilities[..^1], actual[..^1]);
        Assert.Equal(utilities[^1], actual[^1], Tolerance); // everyone's is the model of the round there, and no round's model here
    }

    [Theory]
    [InlineData("fedadam")]
    [InlineData("fedadagrad")]
    [InlineData("fedyogi")]
    [InlineData("fedmedian")]
    [InlineData("fedtrimmedavg")]
    [InlineData("krum")]
    [InlineData("multikrum")]
    [InlineData("bulyan")]
    public void Rules_that_are_no_sums_take_the_general_way(string spec)
    {
        Round round = new(spec, "mlp:4", participants: 3);
        CoalitionUtility utility = round.Utility(UtilityKind.ValidationLoss);
        Assert.Equal(CoalitionPath.RebuiltModels, utility.Path);
        Assert.Throws<NotSupportedException>(() => round.Rule.Additive(round.State, round.Updates));
        double[] expected = Utilities.Of(UtilityKind.ValidationLoss, round.Validation, round.Validation.Score(round.Model([0, 2])));
        var actual = new double[utility.Columns];
        utility.Evaluate(Coalition.OfMask(5), actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Rounds_whose_first_layers_would_not_fit_take_the_general_way_whoever_asks()
    {
        Network network = MadeUp.Network("mlp:8", 3, 2);
        const int deep = 8 * 2 + 2;
        long members = CoalitionSums.FloatsMax / (8 * 32 + deep); // 32 rows: one tile
        Assert.True(CoalitionSums.Fits(network, validationRows: 32, (int)members - 1));
        Assert.False(CoalitionSums.Fits(network, validationRows: 32, (int)members));
        Assert.False(CoalitionSums.Fits(network, validationRows: 33, (int)members - 1));
    }

    [Theory]
    [MemberData(nameof(MadeUpRounds.Rules), MemberType = typeof(MadeUpRounds))]
    public void The_additive_step_of_a_rule_is_its_coalition_model(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        if (!rule.IsAdditive)
            return;
        AggregationState state = rule.Aggregate(rule.Start(MadeUpRounds.Weights), MadeUpRounds.Round(5)).Next;
        RoundUpdates updates = MadeUpRounds.Round(participants: 6, round: 2);
        AdditiveStep step = rule.Additive(state, updates);
        foreach (int[] coalition in MadeUpRounds.Coalitions(6).Skip(1))
        {
            float[] model = MadeUpRounds.CoalitionModel(rule, state, updates, coalition);
            for (int i = 0; i < model.Length; i++)
            {
                int weight = i;
                double sum = coalition.Sum(k => step.Factors[k] * ((double)updates.Rows.Model(k)[weight] - updates.Rows.Base[weight]));
                Assert.Equal(model[i], step.Origin[i] + step.Scale * sum / coalition.Sum(k => step.Divisors[k]), 1e-6);
            }
        }
    }

    [Fact]
    public void A_coalition_that_has_diverged_is_named_and_not_the_ones_without_it()
    {
        Round round = new("fedavg", "mlp:6", participants: 3, scaleOfLast: 1e38f);
        var row = new double[Utilities.Columns];
        CoalitionUtility utility = round.Utility(UtilityKind.ValidationLoss);
        utility.Evaluate(Coalition.OfMask(3), row);
        Assert.All(row, column => Assert.True(double.IsFinite(column)));
        foreach (int threads in new[] { 1, 4 })
        {
            var diverged = Assert.Throws<UtilityNotFiniteException>(() => CoalitionTable.Evaluate(utility, threads));
            Assert.Equal(Coalition.OfMask(4), diverged.Coalition);
        }
        var ofAccuracy = Assert.Throws<UtilityNotFiniteException>(
            () => CoalitionTable.Evaluate(round.Utility(UtilityKind.ValidationAccuracy), 1));
        Assert.Equal(Coalition.OfMask(4), ofAccuracy.Coalition);
    }

    [Fact]
    public void A_cancelled_walk_stops()
    {
        CoalitionUtility utility = new Round("fedavg", "mlp:6", participants: 3).Utility(UtilityKind.ValidationLoss);
        foreach (int threads in new[] { 1, 2 })
            Assert.ThrowsAny<OperationCanceledException>(() => CoalitionTable.Evaluate(utility, threads, new CancellationToken(canceled: true)));
    }

    static double[] Column(CoalitionTable table, int column) =>
        [.. Enumerable.Range(0, 1 << table.Players).Select(mask => table[mask, column])];

    static void AssertSameBits(double[] expected, double[] actual, string what) =>
        FedValue.Contracts.Kernels.Bits.Equal(expected, actual, what);

    /// <summary>Updates of unequal size to a made-up model in its second round, 107 validation rows: tiles hold rows of many blocks.</summary>
    sealed class Round
    {
        public Round(string spec, string architecture, int participants, float changed = 0.3f, float scaleOfLast = 1)
        {
            Network network = MadeUp.Network(architecture, Features, Classes);
            Validation = new ValidationSet(network, new ValidationRows(MadeUp.Rows(Features, Classes, 107)));
            Rule = AggregationRules.Parse(spec);
            float[] first = MadeUp.Weights(network);
            long[] examples = [30, 1, 250, 70, 4, 1000, 33, 12];
            RoundUpdates Updated(float[] model, int round) => new(
                [.. Enumerable.Range(0, participants).Select(k => $"p{k}")],
                new UpdateRows(model, [.. Enumerable.Range(0, participants).Select(k =>
                    Moved(model, round, k, k == participants - 1 && round == 2 ? scaleOfLast * changed : changed))]),
                examples[..participants], () => 1.25);
            (float[] model, State) = Rule.Aggregate(Rule.Start(network.WeightCount), Updated(first, 1));
            Updates = Updated(model, 2);
        }

        public AggregationRule Rule { get; }

        public AggregationState State { get; }

        public RoundUpdates Updates { get; }

        public ValidationSet Validation { get; }

        public CoalitionUtility Utility(UtilityKind kind) => new(Validation, kind, Rule, State, Updates);

        public float[] Model(int[] coalition) => MadeUpRounds.CoalitionModel(Rule, State, Updates, coalition);

        static float[] Moved(float[] model, int round, int participant, float scale)
        {
            var random = new RandomStream(1, RandomPurpose.Training, (uint)round, (uint)participant);
            return Array.ConvertAll(model, weight => weight + scale * (float)random.NextNormal());
        }
    }
}
