using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class LabelFlipDrawTests
{
    const int Classes = 10, RowsPerClass = 5000;

    // Chi-square with 10 * (9 - 1) degrees of freedom: uniform draws go above for one seed in a million.
    const double OneInAMillion80 = 155.08;

    [Fact]
    public void A_flipped_label_is_never_the_true_one_and_uniform_over_the_others()
    {
        int[] before = Labels(), after = Flip(before, "1");
        var counts = new int[Classes, Classes];
        for (int row = 0; row < before.Length; row++)
            counts[before[row], after[row]]++;
        const double expected = RowsPerClass / (Classes - 1.0);
        double statistic = 0;
        for (int from = 0; from < Classes; from++)
        {
            Assert.Equal(0, counts[from, from]);
            for (int to = 0; to < Classes; to++)
                statistic += from == to ? 0 : (counts[from, to] - expected) * (counts[from, to] - expected) / expected;
        }
        Assert.InRange(statistic, 0, OneInAMillion80);
    }

    [Fact]
    public void Any_row_may_be_among_the_flipped_ones()
    {
        int[] before = Labels(), after = Flip(before, "0.5");
        foreach (int[] tenth in Enumerable.Range(0, before.Length).Chunk(RowsPerClass))
        {
            // Half of 5000 drawn from 50,000: standard deviation sqrt(5000 / 4 * 0.9) = 33.5, and six of them.
            Assert.InRange(tenth.Count(row => before[row] != after[row]), 2500 - 201, 2500 + 201);
        }
    }

    [Fact]
    public void Of_two_classes_the_other_one_is_taken()
    {
        var rows = new LabelledRows(1, new float[6], [0, 1, 1, 0, 1, 0]);
        IReadOnlyList<SimulatedParticipant> flipped = Corruption.ApplyAll(
            [Corruption.Parse("label-flip:1@1")], [new SimulatedParticipant("p", rows)], classes: 2, seed: 1);
        Assert.Equal([1, 0, 0, 1, 0, 1], flipped[0].Rows.Labels);
    }

    static int[] Labels() => [.. Enumerable.Range(0, Classes * RowsPerClass).Select(row => row % Classes)];

    static int[] Flip(int[] labels, string fraction) => Corruption.ApplyAll(
        [Corruption.Parse($"label-flip:{fraction}@1")],
        [new SimulatedParticipant("p", new LabelledRows(1, new float[labels.Length], labels))], Classes, seed: 1)[0].Rows.Labels;
}
