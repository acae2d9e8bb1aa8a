using System.Collections.Immutable;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels.Randomness;
using FedValue.Ledger.Events;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Aggregation;

public class FedRandomTrainingTests
{
    const int Rounds = 24;
    const long Seed = 5;

    static readonly FederationSetup Setup = MakeSetup();

    [Fact]
    public void Only_the_drawn_members_state_moves_and_each_member_counts_its_own_steps()
    {
        TrainingState state = TrainingState.Start(Setup);
        var drawn = new int[4];
        for (int round = 1; round <= Rounds; round++)
        {
            int member = Setup.Pool.Draw(Seed, round);
            drawn[member]++;
            ulong[][] before = [.. state.States.Select(BitsOf)];
            state = RoundAggregation.Run(Setup, state, round, member, Updates(state.Model.ToArray(), round)).Next;
            for (int other = 0; other < 4; other++)
            {
                Assert.Equal(drawn[other], state.States[other].Steps);
                if (other != member)
                    Assert.Equal(before[other], BitsOf(state.States[other]));
                else if (state.States[other].Vectors.Length > 0)
                    Assert.NotEqual(before[other], BitsOf(state.States[other]));
            }
        }
        Assert.All(drawn, count => Assert.InRange(count, 1, Rounds)); // all four came up, so all four were checked
    }

    [Fact]
    public void A_drawn_member_steps_as_if_it_had_never_waited()
    {
        TrainingState state = TrainingState.Start(Setup);
        ImmutableArray<AggregationState> alone = Setup.Pool.Start(Setup.WeightCount);
        for (int round = 1; round <= Rounds; round++)
        {
            int member = Setup.Pool.Draw(Seed, round);
            RoundUpdates updates = Updates(state.Model.ToArray(), round);
            (float[] model, AggregationState next) = Setup.Pool.Members[member].Aggregate(alone[member], updates);
            alone = alone.SetItem(member, next);
            state = RoundAggregation.Run(Setup, state, round, member, updates).Next;
            Assert.Equal(Bits.Of(model), Bits.Of(state.Model.Span));
        }
    }

    static ulong[] BitsOf(AggregationState state) => [(ulong)state.Steps, .. state.Vectors.SelectMany(vector => Bits.Of(vector))];

    static RoundUpdates Updates(float[] model, int round) => MadeUpRounds.Of(
        model, [.. Enumerable.Range(0, 3).Select(k => new LocalTrainer(Setup.Model.Network!, new TrainingSettings()).Train(
            model, MadeUp.Rows(3, 2, 40, seed: k), new RandomStream(Seed, RandomPurpose.Training, (uint)round, (uint)k)))]);

    static FederationSetup MakeSetup()
    {
        Network network = MadeUp.Network("softmax", features: 3, classes: 2);
        var terms = new FederationTerms(
            "softmax", [.. AggregationPool.Parse("fedrandom").Members.Select(m => new AggregatorTerms(m.Spec, m.SmallCoalitions))],
            "validation-loss", ["exact"], new SamplingTerms(32, 64, 0.1), GramLimit: 128,
            new PaymentTerms(100, "exact", "proportional", "unallocated"), Seed);
        return new FederationSetup(terms, FederationModel.Native(network, network.Initialize(Seed)), new ValidationRows(MadeUp.Rows(3, 2, 20)));
    }
}
