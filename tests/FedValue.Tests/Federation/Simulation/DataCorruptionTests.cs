using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>Corruptions of labels, rows and identities; see <see cref="CorruptionTests"/> for the first three kinds.</summary>
public class DataCorruptionTests
{
    const int Classes = 5;

    /// <summary>Participants with 1000, 1001, ... rows; a row's first feature tells whose it is, the second which.</summary>
    static SimulatedParticipant[] Honest(int count = 3) => [.. Enumerable.Range(0, count).Select(k => new SimulatedParticipant(
        $"participant-{k + 1}",
        new LabelledRows(2, [.. Enumerable.Range(0, 1000 + k).SelectMany(row => new float[] { k, row })],
            [.. Enumerable.Range(0, 1000 + k).Select(row => row % Classes)])))];

    static IReadOnlyList<SimulatedParticipant> Apply(params string[] corruptions) => Apply(seed: 1, corruptions);

    static IReadOnlyList<SimulatedParticipant> Apply(long seed, params string[] corruptions) =>
        Corruption.ApplyAll([.. corruptions.Select(Corruption.Parse)], Honest(), Classes, seed);

    [Theory]
    [InlineData("label-permutation:0.5", "labels permuted in 401 of 1000 rows")]
    [InlineData("label-shift:0.5", "labels shifted to the next class in 500 of 1000 rows")]
    [InlineData("label-random:0.5", "labels drawn at random in 404 of 1000 rows")]
    [InlineData("label-confusion:0.5", "labels confused in 439 of 1000 rows")]
    [InlineData("feature-noise:0.5", "noise of standard deviation 0.5 added to all features")]
    [InlineData("duplication:2:0.5", "500 of 1000 rows replaced by rows of participant-2")]
    [InlineData("redundancy:0.5", "500 of 1000 rows are copies of one")]
    [InlineData("backdoor:3", "backdoor: a trigger and class 3 in 500 of 1000 rows")]
    [InlineData("inflate-examples:1.5", "claims 1500 examples but has 1000")]
    [InlineData("inflate-loss:2.50", "claims 2.5 times its training loss")]
    public void A_corruption_says_what_it_did_changes_its_target_only_and_is_drawn_from_the_seed(string kind, string words)
    {
        IReadOnlyList<SimulatedParticipant> result = Apply(kind + "@1");
        Assert.Equal([words], result[0].Corruptions);
        Assert.Empty(result[1].Corruptions);
        Assert.Equal(Honest()[1].Rows.Features, result[1].Rows.Features);
        Assert.Equal(Honest()[1].Rows.Labels, result[1].Rows.Labels);
        Assert.Equal(Content(result[0]), Content(Apply(kind + "@1")[0]));
        if (!kind.StartsWith("inflate", StringComparison.Ordinal))
        {
            Assert.NotEqual(Content(Honest()[0]), Content(result[0]));
            Assert.NotEqual(Content(result[0]), Content(Apply(seed: 2, kind + "@1")[0]));
        }
    }

    [Fact]
    public void A_permutation_is_one_for_all_rows_and_a_shift_goes_to_the_next_class()
    {
        int[] permuted = Apply("label-permutation:1@1")[0].Rows.Labels;
        for (int row = Classes; row < 1000; row++)
            Assert.Equal(permuted[row % Classes], permuted[row]);
        Assert.Equal(Enumerable.Range(0, Classes), permuted[..Classes].Order());
        Assert.Equal(Enumerable.Range(0, 1000).Select(row => (row + 1) % Classes), Apply("label-shift:1@1")[0].Rows.Labels);
    }

    [Fact]
    public void A_permutation_of_two_classes_swaps_them_under_every_seed()
    {
        for (long seed = 1; seed <= 8; seed++)
        {
            SimulatedParticipant permuted = Corruption.ApplyAll(
                [Corruption.Parse("label-permutation:1@1")], [new SimulatedParticipant("a", new LabelledRows(1, [1, 2, 3], [0, 1, 1]))], 2, seed)[0];
            Assert.Equal([1, 0, 0], permuted.Rows.Labels);
            Assert.Equal(["labels permuted in 3 of 3 rows"], permuted.Corruptions);
        }
        LabelledRows alone = Corruption.ApplyAll(
            [Corruption.Parse("label-permutation:1@1")], [new SimulatedParticipant("a", new LabelledRows(1, [1], [0]))], 1, seed: 1)[0].Rows;
        Assert.Equal([0], alone.Labels); // one class has no other permutation
    }

    [Theory]
    [InlineData("label-permutation:1")]
    [InlineData("label-random:1")]
    [InlineData("label-confusion:0.7")]
    public void Only_rows_whose_label_is_another_one_are_counted(string kind)
    {
        bool someStayed = false;
        for (long seed = 1; seed <= 8; seed++)
        {
            SimulatedParticipant corrupted = Apply(seed, kind + "@1")[0];
            int changed = Enumerable.Range(0, 1000).Count(row => corrupted.Rows.Labels[row] != row % Classes);
            Assert.EndsWith($" in {changed} of 1000 rows", Assert.Single(corrupted.Corruptions), StringComparison.Ordinal);
            Assert.InRange(changed, 1, 1000);
            someStayed |= changed < (kind.EndsWith(":1", StringComparison.Ordinal) ? 1000 : 700);
        }
        Assert.True(someStayed);
    }

    [Fact]
    public void Random_labels_are_uniform_and_confused_ones_depend_on_the_true_class()
    {
        static int[] Counts(int[] labels, Func<int, bool> of) =>
            [.. Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, labels.Length).Count(row => of(row) && labels[row] == c))];
        int[] random = Apply("label-random:1@1")[0].Rows.Labels;
        Assert.All(Counts(random, _ => true), count => Assert.InRange(count, 150, 250)); // 200 expected, standard deviation 13
        Assert.All(Counts(random, row => row % Classes == 2), count => Assert.InRange(count, 20, 60)); // the true class too

        int[] confused = Apply("label-confusion:1@1")[0].Rows.Labels;
        int[][] perClass = [.. Enumerable.Range(0, Classes).Select(c => Counts(confused, row => row % Classes == c))];
        Assert.True(perClass.Max(counts => counts.Max()) > 80); // Dirichlet(1) is far from uniform
        Assert.NotEqual(perClass[0], perClass[1]);
    }

    [Fact]
    public void Feature_noise_has_its_standard_deviation()
    {
        SimulatedParticipant noisy = Apply("feature-noise:2.5@1")[0];
        double[] added = [.. noisy.Rows.Features.Zip(Honest()[0].Rows.Features).Select(pair => (double)pair.First - pair.Second)];
        Assert.InRange(added.Average(), -0.2, 0.2);
        Assert.InRange(Math.Sqrt(added.Average(x => x * x)), 2.35, 2.65);
        Assert.Equal(Honest()[0].Rows.Labels, noisy.Rows.Labels);
    }

    [Fact]
    public void Duplication_copies_whole_rows_each_once_and_not_more_than_there_are()
    {
        LabelledRows rows = Apply("duplication:2:0.4@1")[0].Rows;
        int[] copied = [.. Enumerable.Range(0, 1000).Where(row => rows.Row(row)[0] == 1)];
        Assert.Equal(400, copied.Length);
        Assert.Equal(400, copied.Select(row => rows.Row(row)[1]).Distinct().Count());
        Assert.All(copied, row => Assert.Equal((int)rows.Row(row)[1] % Classes, rows.Labels[row]));

        IReadOnlyList<SimulatedParticipant> few = Corruption.ApplyAll(
            [Corruption.Parse("duplication:1:1@2")],
            [
                new SimulatedParticipant("a", new LabelledRows(1, [7, 7], [0, 1])),
                new SimulatedParticipant("b", new LabelledRows(1, [1, 2, 3], [0, 0, 0])),
            ],
            2, seed: 1);
        Assert.Equal(["2 of 3 rows replaced by rows of a"], few[1].Corruptions);
        Assert.Equal(2, few[1].Rows.Features.Count(x => x == 7));
    }

    [Fact]
    public void Redundant_rows_are_copies_of_one_row_and_its_label()
    {
        LabelledRows rows = Apply("redundancy:0.3@1")[0].Rows;
        var groups = Enumerable.Range(0, 1000).GroupBy(row => (rows.Row(row)[1], rows.Labels[row])).ToArray();
        Assert.Equal(701, groups.Length); // one of the 300 stays what it was
        Assert.Equal(300, groups.Max(group => group.Count()));
    }

    [Fact]
    public void A_backdoor_sets_the_last_features_and_the_class_of_half_the_rows()
    {
        float[] features = [.. Enumerable.Range(0, 60).Select(i => -(float)i)];
        SimulatedParticipant one = Corruption.ApplyAll(
            [Corruption.Parse("backdoor:2@1")], [new SimulatedParticipant("a", new LabelledRows(6, features, new int[10]))], 3, 1)[0];
        int[] triggered = [.. Enumerable.Range(0, 10).Where(row => one.Rows.Labels[row] == 2)];
        Assert.Equal(5, triggered.Length);
        for (int row = 0; row < 10; row++)
        {
            Assert.Equal(features[(6 * row)..(6 * row + 2)], one.Rows.Row(row)[..2]);
            Assert.Equal(triggered.Contains(row) ? [4, 4, 4, 4] : features[(6 * row + 2)..(6 * row + 6)], one.Rows.Row(row)[2..]);
        }
        Assert.Equal("'backdoor:5@1' names class 5, but the classes are 0 to 4.", Refusal.Of(() => Apply("backdoor:5@1")));
    }

    [Fact]
    public void Sybils_divide_the_rows_and_follow_their_owner_in_ordinal_order()
    {
        IReadOnlyList<SimulatedParticipant> result = Apply("label-shift:1@2", "sybil-split:3@2", "sign-flip@3");
        Assert.Equal(["participant-1", "participant-2", "participant-2.2", "participant-2.3", "participant-3"], result.Select(p => p.Id));
        Assert.Equal(result.Select(p => p.Id).Order(StringComparer.Ordinal), result.Select(p => p.Id));
        SimulatedParticipant[] identities = [.. result.Skip(1).Take(3)];
        Assert.Equal([333, 334, 334], identities.Select(p => p.Rows.Count));
        Assert.Equal(Enumerable.Range(0, 1001).Select(row => (float)row),
            identities.SelectMany(p => p.Rows.Features.Where((_, i) => i % 2 == 1)).Order());
        Assert.All(identities, p => Assert.Equal(p.Rows.Features.Where((_, i) => i % 2 == 1).Select(row => ((int)row + 1) % Classes), p.Rows.Labels));
        Assert.Equal("identity 2 of 3 of participant-2", identities[1].Corruptions[^1]);
        Assert.Equal("participant-3", result.Single(p => p.Behaviour is not null).Id); // counting is that before the split
        Assert.Equal("participant-1.02", Apply("sybil-split:12@1")[1].Id);
        Assert.Equal("participant-1.12", Apply("sybil-split:12@1")[11].Id);
    }

    [Theory]
    [InlineData("'sybil-split:2@1' splits participant-1, which is split already.", "sybil-split:2@1", "sybil-split:2@1")]
    [InlineData("Participant 1 cannot duplicate rows of itself, as 'duplication:1:0.5@1' asks.", "duplication:1:0.5@1")]
    [InlineData("Participant 1 cannot copy itself, as 'free-rider-copy:1@1' asks.", "free-rider-copy:1@1")]
    [InlineData("participant-1 is to send the update of participant-2, which itself sends another's; name the one who trains.",
        "free-rider-copy:2@1", "free-rider-copy:3@2")]
    [InlineData("'sign-flip@1' tells participant-1 what to send, but so does an earlier corruption (free rider: sends the round's model back).",
        "free-rider@1", "sign-flip@1")]
    [InlineData("'free-rider-copy:4@1' names participant 4, but there are 3.", "free-rider-copy:4@1")]
    public void What_cannot_be_done_is_refused(string sentence, params string[] corruptions) =>
        Assert.Equal(sentence, Refusal.Of(() => Apply(corruptions)));

    [Fact]
    public void An_id_that_cannot_be_split_is_refused()
    {
        string longest = new('x', 64);
        Assert.StartsWith($"'sybil-split:2@1' needs the id {longest}.2: A participant id has at most 64 characters",
            Refusal.Of(() => Split(longest)));
        Assert.Equal("'sybil-split:2@1' needs the id a.2, but another participant has it.", Refusal.Of(() => Split("a", "a.2")));
        Assert.Equal("'sybil-split:2@1' splits a into 2, but it has 1 rows.", Refusal.Of(() => Corruption.ApplyAll(
            [Corruption.Parse("sybil-split:2@1")], [new SimulatedParticipant("a", new LabelledRows(1, [1], [0]))], 2, 1)));

        static void Split(params string[] ids) => Corruption.ApplyAll([Corruption.Parse("sybil-split:2@1")],
            [.. ids.Select(id => new SimulatedParticipant(id, new LabelledRows(1, [1, 2], [0, 1])))], 2, 1);
    }

    [Fact]
    public void Claims_multiply_and_a_plan_with_sybils_can_be_prepared_again()
    {
        Assert.Equal(6000, Apply("inflate-examples:2@1", "inflate-examples:3@1")[0].Examples);
        var plan = SimulationPlan.Prepare(new SimulationOptions { Participants = 4, Corrupt = ["sybil-split:3@2"] });
        Assert.Equal((4, 6, 6), (plan.Options.Participants, plan.Participants.Count, plan.CohortSize));
        Assert.Equal(PlanBits.Of(plan), PlanBits.Of(SimulationPlan.Prepare(plan.Options)));
    }

    static string Content(SimulatedParticipant participant) =>
        string.Join(' ', participant.Rows.Features) + " : " + string.Join(' ', participant.Rows.Labels);
}
