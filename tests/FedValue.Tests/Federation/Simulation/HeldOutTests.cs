using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>Rows that a data set itself holds out validate and test; participants among them are never split.</summary>
public class HeldOutTests
{
    const string Columns = "label=y,participant=who,drop=when+where,holdout=7+10+9";

    /// <summary>Subjects 1 to 12, subject s with 10 + s rows.</summary>
    static readonly string Subjects = "who,when,where,a,y\n" + string.Concat(Enumerable.Range(1, 12).SelectMany(
        subject => Enumerable.Range(0, 10 + subject).Select(row => $"{subject},{row},0,{subject * row % 17},{row % 2}\n")));

    [Fact]
    public void Dropped_columns_are_no_features_and_held_out_participants_are_marked()
    {
        Dataset data = CsvFile.Load(Subjects, Columns);
        Assert.Equal(1, data.Width);
        Assert.Equal(0, data.Features[0]);
        Assert.Equal(data.Participants!.Select(id => id is "7" or "9" or "10"), data.HeldOut);
        Assert.Equal(2, CsvFile.Load("1,2,3,0\n4,5,6,1\n", "drop=1+3").Features[0]); // by number where there is no header
    }

    [Fact]
    public void Whole_participants_validate_and_test()
    {
        Dataset data = CsvFile.Load(Subjects, Columns);
        foreach (long seed in Enumerable.Range(1, 20))
        {
            var split = DataSplit.Draw(data, 0.2m, 0.2m, seed);
            Assert.Equal(Enumerable.Range(0, data.Count).Where(row => !data.HeldOut![row]), split.Train);
            string[] validation = Owners(split.Validation), test = Owners(split.Test);
            Assert.NotEmpty(validation);
            Assert.NotEmpty(test);
            Assert.Equal(["10", "7", "9"], validation.Concat(test).Order(StringComparer.Ordinal));
            Assert.Equal(17 + 19 + 20, split.Validation.Length + split.Test.Length);
        }
        Assert.Equal(["10", "7", "9"], Owners(DataSplit.Draw(data, 0.2m, 0, 1).Validation));
        Assert.NotEqual(DataSplit.Draw(data, 0.2m, 0.2m, 1).Validation, DataSplit.Draw(data, 0.2m, 0.2m, 2).Validation);

        string[] Owners(int[] rows) => [.. rows.Select(row => data.Participants![row]).Distinct().Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData(0.2, 0.2, 2)]
    [InlineData(0.3, 0.1, 3)]
    [InlineData(0.1, 0.0, 4)]
    public void Rows_without_participants_are_divided_in_the_proportion_of_the_shares(double validation, double test, int validate)
    {
        using var files = new IdxFiles();
        Dataset data = files.Load();
        var split = DataSplit.Draw(data, (decimal)validation, (decimal)test, seed: 3);
        Assert.Equal(Enumerable.Range(0, 6), split.Train);
        Assert.Equal(validate, split.Validation.Length);
        Assert.Equal([6, 7, 8, 9], split.Validation.Concat(split.Test).Order());
    }

    [Fact]
    public void A_plan_names_the_held_out_and_trains_the_others_in_ordinal_order()
    {
        using var file = new CsvFile(Subjects);
        var plan = SimulationPlan.Prepare(new SimulationOptions { Dataset = file.Spec(Columns) });
        Assert.Equal(["1", "11", "12", "2", "3", "4", "5", "6", "8"], plan.Participants.Select(p => p.Id));
        Assert.Equal(["10", "7", "9"], plan.HeldOut);
        Assert.Equal([11, 21, 22, 12, 13, 14, 15, 16, 18], plan.Participants.Select(p => p.Rows.Count));
        Assert.Equal(PlanBits.Of(plan), PlanBits.Of(SimulationPlan.Prepare(plan.Options)));
    }

    [Theory]
    [InlineData("participant=who,holdout=77", "The file 'FILE' has no participant '77' to hold out.")]
    [InlineData("participant=who,holdout=1+2+3+4+5+6+7+8+9+10+11+12",
        "All participants of 'FILE' are held out, so nobody trains; name fewer in holdout=ID.")]
    [InlineData("drop=y", "The file 'FILE' needs column y as label, participant or group, so it cannot be dropped.")]
    [InlineData("participant=who,drop=who", "The file 'FILE' needs column who as label, participant or group, so it cannot be dropped.")]
    [InlineData("drop=when+colour", "The file 'FILE' has no column 'colour' for drop; it has who, when, where, a, y.")]
    [InlineData("drop=who+when+where+a", "The file 'FILE' has no feature column beside its label.")]
    public void What_cannot_be_dropped_or_held_out_is_refused(string columns, string sentence) =>
        Assert.Equal(sentence, CsvFile.Refused(Subjects, columns));

    [Fact]
    public void Holding_out_needs_participants_enough_of_them_and_no_groups()
    {
        Assert.Equal("holdout=ID names participants, so it needs participant=COL.",
            Refusal.Of(() => CsvFile.Load(Subjects, "holdout=1")));
        Assert.Equal("Either whole groups validate and test (group=COL) or the participants named by holdout=ID+ID, but both came.",
            Refusal.Of(() => CsvFile.Load(Subjects, "participant=who,group=where,holdout=1")));
        Dataset one = CsvFile.Load(Subjects, "participant=who,holdout=3");
        Assert.Equal("One participant is held out ('3'), which cannot both validate and test; hold out another one or use --test 0.",
            Refusal.Of(() => DataSplit.Draw(one, 0.2m, 0.2m, seed: 1)));
        Assert.Equal(13, DataSplit.Draw(one, 0.2m, 0, seed: 1).Validation.Length);
    }
}
