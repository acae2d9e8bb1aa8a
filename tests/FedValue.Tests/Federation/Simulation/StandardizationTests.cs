using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Simulation;

public class StandardizationTests
{
    // fp32 features of size about 1: 2^-24 each.
    const double SinglePrecision = 1e-6;

    [Fact]
    public void Two_rows_by_hand()
    {
        Dataset data = Tables.With(Tables.Of(3), [1, 10, 3, 30, 5, 20]); // rows (1, 10), (3, 30), (5, 20)
        LabelledRows rows = Standardization.Learn(data, [0, 1]).Apply(data, [2, 0, 1]);
        Assert.Equal([3, 0, -1, -1, 1, 1], rows.Features); // means 2 and 20, deviations 1 and 10
        Assert.Equal([data.Labels[2], data.Labels[0], data.Labels[1]], rows.Labels);
    }

    [Fact]
    public void Training_rows_have_mean_zero_and_deviation_one()
    {
        Dataset data = DatasetLoader.Load("breast-cancer");
        DataSplit split = DataSplit.Draw(data, 0.2m, 0.2m, seed: 1);
        LabelledRows train = Standardization.Learn(data, split.Train).Apply(data, split.Train);
        for (int c = 0; c < data.Width; c++)
        {
            double[] column = [.. Enumerable.Range(0, train.Count).Select(row => (double)train.Row(row)[c])];
            Assert.Equal(0, column.Average(), SinglePrecision);
            Assert.Equal(1, column.Average(x => x * x), SinglePrecision);
        }
    }

    [Fact]
    public void Rows_that_do_not_train_change_nothing()
    {
        Dataset data = Tables.Of(100);
        DataSplit split = DataSplit.Draw(data, 0.3m, 0.3m, seed: 1);
        double[] changed = [.. data.Features];
        foreach (int row in split.Validation.Concat(split.Test))
            (changed[2 * row], changed[2 * row + 1]) = (1e6, -1e6);
        Dataset other = Tables.With(data, changed);
        Assert.Equal(
            Bits.Of(Standardization.Learn(data, split.Train).Apply(data, split.Train).Features),
            Bits.Of(Standardization.Learn(other, split.Train).Apply(other, split.Train).Features));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(3.0)]
    [InlineData(0.1)] // the rounded mean of ten times 0.1 is not 0.1
    [InlineData(1e-200)]
    [InlineData(1e150)]
    public void A_feature_that_is_constant_in_training_becomes_zero(double constant)
    {
        Dataset data = Tables.Of(11, width: 1);
        double[] features = new double[11];
        Array.Fill(features, constant);
        features[10] = constant + 1; // a row to validate with
        data = Tables.With(data, features);
        for (int rows = 1; rows <= 10; rows++)
        {
            LabelledRows all = Standardization.Learn(data, [.. Enumerable.Range(0, rows)]).Apply(data, [.. Enumerable.Range(0, 11)]);
            Assert.All(all.Features, feature => Assert.Equal(0, feature));
        }
    }

    [Fact]
    public void The_largest_features_a_table_may_have_stay_finite()
    {
        Dataset data = Tables.With(Tables.Of(4, width: 1), [1e150, -1e150, 1e150, -1e150]);
        Assert.Equal([1, -1, 1, -1], Standardization.Learn(data, [0, 1, 2, 3]).Apply(data, [0, 1, 2, 3]).Features);
    }
}
