using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class CorruptionTests
{
    const int Classes = 4;

    /// <summary>Participants with 20, 30, 40, ... rows; the first feature of a row tells whose it is.</summary>
    static IReadOnlyList<SimulatedParticipant> Honest(int count = 4) =>
    [
        .. Enumerable.Range(0, count).Select(k => new SimulatedParticipant($"participant-{k + 1}", Rows(k, 20 + 10 * k))),
    ];

    static LabelledRows Rows(int owner, int count) => new(
        2,
        [.. Enumerable.Range(0, count).SelectMany(row => new float[] { owner, row })],
        [.. Enumerable.Range(0, count).Select(row => row % Classes)]);

    static IReadOnlyList<SimulatedParticipant> Apply(params string[] corruptions) =>
        Corruption.ApplyAll([.. corruptions.Select(Corruption.Parse)], Honest(), Classes, seed: 1);

    [Theory]
    [InlineData("0.5", 1, 10)]
    [InlineData("0.33", 1, 7)] // 6.6 of 20
    [InlineData("0.025", 1, 1)] // half a row counts as one
    [InlineData("0.024", 1, 0)]
    [InlineData("0.29", 4, 15)] // 14.5 of 50
    [InlineData("1", 2, 30)]
    public void The_fraction_of_flipped_labels_is_exact(string fraction, int target, int flipped)
    {
        SimulatedParticipant participant = Apply($"label-flip:{fraction}@{target}")[target - 1];
        LabelledRows before = Honest()[target - 1].Rows;
        Assert.Equal(flipped, participant.Rows.Labels.Zip(before.Labels).Count(pair => pair.First != pair.Second));
        Assert.Equal(before.Features, participant.Rows.Features);
        Assert.All(participant.Rows.Labels, label => Assert.InRange(label, 0, Classes - 1));
        Assert.Equal([$"labels flipped in {flipped} of {before.Count} rows"], participant.Corruptions);
    }

    [Fact]
    public void Only_targets_change()
    {
        IReadOnlyList<SimulatedParticipant> honest = Honest();
        IReadOnlyList<SimulatedParticipant> result = Corruption.ApplyAll(
            [Corruption.Parse("label-flip:1@2"), Corruption.Parse("free-rider@4")], honest, Classes, seed: 1);
        Assert.Same(honest[0], result[0]);
        Assert.Same(honest[2], result[2]);
        Assert.Equal([false, true, false, true], result.Select(participant => participant.IsCorrupted));
        Assert.Equal(["participant-1", "participant-2", "participant-3", "participant-4"], result.Select(participant => participant.Id));
        Assert.Equal(Rows(1, 30).Labels, honest[1].Rows.Labels); // what came in stays as it was
    }

    [Fact]
    public void A_free_rider_is_marked_and_keeps_its_rows()
    {
        SimulatedParticipant rider = Apply("free-rider@2")[1];
        Assert.Equal("free rider: sends the round's model back", rider.Behaviour!.Description);
        Assert.Equal(Rows(1, 30).Labels, rider.Rows.Labels);
        Assert.Equal(["free rider: sends the round's model back"], rider.Corruptions);
        Assert.Equal([true, false, true, false], Apply("free-rider@3,1").Select(participant => participant.Behaviour is not null));
    }

    [Fact]
    public void A_duplicate_holds_the_rows_of_another_but_not_its_ways()
    {
        IReadOnlyList<SimulatedParticipant> result = Apply("free-rider@1", "duplicate-of:1@3,4");
        foreach (int k in new[] { 2, 3 })
        {
            Assert.Equal(result[0].Rows.Features, result[k].Rows.Features);
            Assert.Equal(result[0].Rows.Labels, result[k].Rows.Labels);
            Assert.Null(result[k].Behaviour);
            Assert.Equal(["duplicate of the data of participant-1"], result[k].Corruptions);
        }
    }

    [Fact]
    public void Corruptions_are_applied_in_their_order()
    {
        IReadOnlyList<SimulatedParticipant> flippedFirst = Apply("label-flip:1@1", "duplicate-of:1@2");
        Assert.Equal(flippedFirst[0].Rows.Labels, flippedFirst[1].Rows.Labels);
        Assert.NotEqual(Rows(0, 20).Labels, flippedFirst[1].Rows.Labels);

        IReadOnlyList<SimulatedParticipant> copiedFirst = Apply("duplicate-of:1@2", "label-flip:1@1");
        Assert.Equal(Rows(0, 20).Labels, copiedFirst[1].Rows.Labels);
        Assert.NotEqual(Rows(0, 20).Labels, copiedFirst[0].Rows.Labels);

        IReadOnlyList<SimulatedParticipant> chain = Apply("duplicate-of:1@2", "duplicate-of:2@3", "label-flip:0.5@3");
        Assert.Equal(Rows(0, 20).Features, chain[2].Rows.Features);
        Assert.Equal(["duplicate of the data of participant-2", "labels flipped in 10 of 20 rows"], chain[2].Corruptions);
    }

    [Fact]
    public void Flips_are_drawn_from_seed_corruption_and_participant()
    {
        Assert.Equal(Apply("label-flip:0.5@1")[0].Rows.Labels, Apply("label-flip:0.5@1")[0].Rows.Labels);
        Assert.Equal(Apply("label-flip:0.5@1")[0].Rows.Labels, Apply("label-flip:0.5@2,1")[0].Rows.Labels);
        int[] other = Corruption.ApplyAll([Corruption.Parse("label-flip:0.5@1")], Honest(), Classes, seed: 2)[0].Rows.Labels;
        Assert.NotEqual(other, Apply("label-flip:0.5@1")[0].Rows.Labels);
        IReadOnlyList<SimulatedParticipant> twins = Apply("duplicate-of:1@2", "label-flip:0.5@1,2");
        Assert.NotEqual(twins[0].Rows.Labels, twins[1].Rows.Labels);
    }

    [Theory]
    [InlineData("free-rider@5", "'free-rider@5' names participant 5, but there are 4.")]
    [InlineData("label-flip:0.5@1,9", "'label-flip:0.5@1,9' names participant 9, but there are 4.")]
    [InlineData("duplicate-of:7@1", "'duplicate-of:7@1' names participant 7, but there are 4.")]
    [InlineData("duplicate-of:2@1,2", "Participant 2 cannot be a duplicate of itself, as 'duplicate-of:2@1,2' asks.")]
    public void A_participant_that_cannot_be_meant_is_refused(string corruption, string sentence) =>
        Assert.Equal(sentence, Refusal.Of(() => Apply(corruption)));
}
