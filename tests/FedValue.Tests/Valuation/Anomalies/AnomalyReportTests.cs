using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Anomalies;

namespace FedValue.Tests.Valuation.Anomalies;

public sealed class AnomalyReportTests
{
    static readonly string[] Ids = ["a", "b", "c", "d", "e"];

    [Fact]
    public void Nobody_stands_out_among_honest_participants()
    {
        AnomalyReport report = AnomalyReport.Of([Round(Honest(1)), Round(Honest(2))]);
        Assert.Empty(report.Findings);
        Assert.Equal(Ids, report.Scores.Select(s => s.Participant));
        Assert.All(report.Scores, s => Assert.Equal(2, s.Rounds));
        Assert.All(report.Scores, s => Assert.InRange(s.Agreement!.Value, 0.5, 1));
        Assert.All(report.Scores, s => Assert.InRange(s.NormRatio!.Value, 0.7, 1.5));
    }

    [Theory]
    [InlineData(RepetitionKind.RoundModel, null, "free-rider", "b sent the round's own model back, bit for bit, in 2 of 2 rounds.")]
    [InlineData(RepetitionKind.EarlierModel, null, "stale", "b sent the model of an earlier round, bit for bit, in 2 of 2 rounds.")]
    [InlineData(RepetitionKind.OtherUpdate, "a", "copy", "b sent the same bytes as a in 2 of 2 rounds.")]
    [InlineData(RepetitionKind.OwnUpdate, null, "replay", "b sent an earlier update of its own again, bit for bit, in 2 of 2 rounds.")]
    public void Repeated_bytes_are_certain(RepetitionKind kind, string? of, string code, string sentence)
    {
        var repetitions = new Repetition?[5];
        repetitions[1] = new Repetition(kind, of);
        AnomalyFinding finding = Assert.Single(
            AnomalyReport.Of([Round(Honest(1), repetitions: repetitions), Round(Honest(2), repetitions: repetitions)]).Findings);
        Assert.Equal((code, sentence, true), (finding.Kind, finding.Sentence, finding.IsCertain));
        Assert.Equal(of is null ? ["b"] : ["a", "b"], finding.Participants);
    }

    [Fact]
    public void Whoever_sends_nearly_the_same_is_one_group()
    {
        double[][] x = Honest(1), y = Honest(2);
        foreach (double[][] round in new[] { x, y })
            round[2] = Vectors.Scaled(1.01, round[0]);
        AnomalyFinding finding = Assert.Single(AnomalyReport.Of([Round(x), Round(y)]).Findings);
        Assert.Equal(("near-duplicate", false), (finding.Kind, finding.IsCertain));
        Assert.Equal(["a", "c"], finding.Participants);
        Assert.StartsWith("a and c send nearly the same updates: their mean cosine is 1.00", finding.Sentence);
    }

    [Fact]
    public void A_meeting_in_a_single_round_of_two_is_not_yet_alike()
    {
        double[][] x = Honest(1), y = Honest(2);
        x[2] = x[0];
        Assert.Empty(AnomalyReport.Of([Round(x), Round(y)]).Findings);
    }

    [Fact]
    public void Noise_disagrees_and_a_flipped_sign_pulls_against_the_others()
    {
        double[][] x = Honest(1), y = Honest(2);
        x[1] = Vectors.Random(1, 200, name: 900)[0];
        y[1] = Vectors.Random(1, 200, name: 901)[0];
        (x[3], y[3]) = (Vectors.Scaled(-1, x[3]), Vectors.Scaled(-1, y[3]));
        AnomalyFinding[] findings = [.. AnomalyReport.Of([Round(x), Round(y)]).Findings];
        Assert.Equal(["disagrees", "disagrees"], findings.Select(f => f.Kind));
        Assert.Equal(["b", "d"], findings.SelectMany(f => f.Participants));
        Assert.EndsWith("wrong labels, noise, or rare or very little data would look like this.", findings[0].Sentence);
        Assert.EndsWith("it pulls against them, as a flipped sign or flipped labels would.", findings[1].Sentence);
    }

    [Theory]
    [InlineData(6, 10, "large-norm")]
    [InlineData(0.1, 10, "small-norm")]
    [InlineData(1, 100, "claim")]
    [InlineData(6, 60, null)] // much data makes large updates
    [InlineData(0.1, 1, null)] // little data makes small ones
    public void Norms_and_claims_are_held_against_each_other(double factor, long examples, string? kind)
    {
        double[][] x = Honest(1);
        x[3] = Vectors.Scaled(factor, x[3]);
        IReadOnlyList<AnomalyFinding> findings = AnomalyReport.Of([Round(x, [10, 10, 10, examples, 10])]).Findings;
        Assert.Equal(kind is null ? [] : [kind], findings.Select(f => f.Kind));
        Assert.All(findings, f => Assert.Equal(["d"], f.Participants));
    }

    [Fact]
    public void An_update_that_repeats_an_earlier_one_is_a_replay()
    {
        RoundObservations round = Round(Honest(1)) with { OwnDistances = [0.5, null, 1e-5, 0.01, 2] };
        AnomalyFinding finding = Assert.Single(AnomalyReport.Of([round]).Findings);
        Assert.Equal(("replay", false), (finding.Kind, finding.IsCertain));
        Assert.Equal("c repeats its own updates: they differ from its first or its previous one by no more than rounding.", finding.Sentence);
    }

    [Fact]
    public void An_update_that_repeats_the_federations_last_step_is_a_free_rider()
    {
        RoundObservations round = Round(Honest(1)) with { StepDistances = [0.5, 1e-5, null, 0.01, 2] };
        AnomalyFinding finding = Assert.Single(AnomalyReport.Of([round]).Findings);
        Assert.Equal(("free-rider", false), (finding.Kind, finding.IsCertain));
        Assert.Equal("b sends the federation's last step again: its updates differ from it by no more than rounding.", finding.Sentence);
    }

    [Theory]
    [InlineData(0.9, null)]
    [InlineData(2.5, null)] // wrong labels are hard to learn
    [InlineData(0.01, null)] // one class is easy to learn
    [InlineData(3.1, "b claims 3.10 times the loss that its own models have on the validation rows, where the median claim is 1.00 times; ")]
    [InlineData(0, "b claims 0.00 times the loss that its own models have on the validation rows, where the median claim is 1.00 times; ")]
    public void A_claimed_loss_is_held_against_the_measured_one_and_the_claims_of_others(double ratio, string? begins)
    {
        RoundObservations round = Round(Honest(1)) with { LossRatios = [1, ratio, 1.1, 1, 0.9] };
        IReadOnlyList<AnomalyFinding> findings = AnomalyReport.Of([round]).Findings;
        Assert.Equal(begins is null ? 0 : 1, findings.Count);
        Assert.All(findings, finding => Assert.StartsWith(begins!, finding.Sentence));
    }

    [Fact]
    public void Rounds_without_gram_matrix_or_updates_say_what_they_can()
    {
        double[][] x = Honest(1);
        x[3] = Vectors.Scaled(50, x[3]);
        AnomalyReport report = AnomalyReport.Of([Round(x) with { Gram = null }, Round([], [], [])]);
        Assert.Equal("large-norm", Assert.Single(report.Findings).Kind);
        Assert.All(report.Scores, s => Assert.True(s is { Agreement: null, Closest: null, Closeness: null, Rounds: 1 }));
        Assert.Equal((1, 0), (report.RoundsToCompare, report.RoundsWithAngles));
        Assert.Empty(AnomalyReport.Of([]).Scores);
    }

    [Fact]
    public void A_round_in_which_nobody_moves_says_nothing_about_norms()
    {
        AnomalyScores score = AnomalyReport.Of([Round([.. Ids.Select(_ => new double[3])])]).Scores[0];
        Assert.True(score is { Agreement: null, Closeness: null, NormRatio: null });
    }

    /// <summary>Five updates with a common direction, each with as much noise of its own.</summary>
    static double[][] Honest(uint name)
    {
        double[] common = Vectors.Random(1, 200, name: 100 + name)[0];
        return [.. Vectors.Random(5, 200, name: 200 + name).Select(noise => noise.Zip(common, (n, c) => n + c).ToArray())];
    }

    static RoundObservations Round(double[][] x, long[]? examples = null, Repetition?[]? repetitions = null) => new(
        Ids[..x.Length], [.. x.Select(v => Vectors.Dot(v, v))], [.. x.SelectMany(left => x.Select(right => Vectors.Dot(left, right)))],
        examples ?? [.. x.Select(_ => 10L)], repetitions ?? new Repetition?[x.Length], new double?[x.Length], new double?[x.Length],
        new double?[x.Length]);
}
