using FedValue.Contracts.Hosting;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class RoundUpdatesTests
{
    [Fact]
    public void Norms_and_distances_are_those_of_the_local_models()
    {
        RoundUpdates updates = MadeUpRounds.Round(participants: 6);
        for (int i = 0; i < updates.Count; i++)
        {
            Assert.Equal(Square(updates.Rows.Model(i), updates.Rows.Base), updates.SquaredNorm(i), 1e-12);
            for (int j = 0; j < updates.Count; j++)
            {
                Assert.Equal(Square(updates.Rows.Model(i), updates.Rows.Model(j)), updates.SquaredDistance(i, j), 1e-12);
                Assert.Equal(updates.SquaredDistance(j, i), updates.SquaredDistance(i, j));
            }
        }

        static double Square(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            double sum = 0;
            for (int i = 0; i < a.Length; i++)
                sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            return sum;
        }
    }

    [Fact]
    public void Close_models_far_from_their_base_keep_their_distance()
    {
        RoundUpdates updates = MadeUpRounds.Of([0, 0], [[1e8f, 1], [1e8f, 1.5f], [1e8f, 1]]);
        Assert.Equal(0.25, updates.SquaredDistance(0, 1)); // 1e16 + 1e16 - 2e16 would hold no 0.25
        Assert.Equal(0, updates.SquaredDistance(0, 2));
    }

    [Theory]
    [MemberData(nameof(MadeUpRounds.Rules), MemberType = typeof(MadeUpRounds))]
    public void What_is_measured_at_first_use_has_the_same_bits_on_whichever_thread_that_is(string spec)
    {
        AggregationRule rule = AggregationRules.Parse(spec);
        AggregationState state = rule.Start(MadeUpRounds.Weights);
        int[][] coalitions = MadeUpRounds.Coalitions(6);
        RoundUpdates one = MadeUpRounds.Round(participants: 6), other = MadeUpRounds.Round(participants: 6);
        var together = new uint[coalitions.Length][];
        Parallel.For(0, coalitions.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            together[i] = Bits.Of(MadeUpRounds.CoalitionModel(rule, state, one, coalitions[i])));
        Assert.Equal(together.Reverse(), coalitions.Reverse().Select(c => Bits.Of(MadeUpRounds.CoalitionModel(rule, state, other, c))));
    }

    [Fact]
    public void In_a_real_round_the_loss_is_that_of_the_base_model_on_the_servers_validation_rows()
    {
        FederationCreation creation = TinyFederation.Creation("qfedavg");
        var setup = new FederationSetup(creation.Terms, creation.Model, creation.Validation);
        var valuation = new RoundValuation(setup, TrainingState.Start(setup), new CpuBackend(1));
        valuation.Add("a", setup.Model.Weights, 1);
        Assert.Equal(
            ModelScore.Mean(creation.Model.Network!, creation.Validation!.Rows, creation.Model.Weights).Loss, valuation.Updates.BaseLoss, 1e-12);
    }
}
