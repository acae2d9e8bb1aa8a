using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class BundledDataTests
{
    [Fact]
    public void Digits_are_the_1797_of_UCI()
    {
        Dataset digits = DatasetLoader.Load("digits");
        Assert.Equal(("digits", 1797, 64), (digits.Name, digits.Count, digits.Width));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], digits.Classes);
        Assert.Equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180], RowsPerClass(digits));
        Assert.All(digits.Features, pixel => Assert.Contains(pixel, Enumerable.Range(0, 17).Select(grey => (double)grey)));
        Assert.Equal([0, 0, 5, 13, 9, 1, 0, 0], digits.Features[..8]); // the first row of the first zero
        Assert.Null(digits.Participants);
        Assert.Null(digits.Groups);
    }

    [Fact]
    public void Breast_cancer_is_the_569_of_UCI()
    {
        Dataset cancer = DatasetLoader.Load("breast-cancer");
        Assert.Equal(("breast-cancer", 569, 30), (cancer.Name, cancer.Count, cancer.Width));
        Assert.Equal(["malignant", "benign"], cancer.Classes);
        Assert.Equal([212, 357], RowsPerClass(cancer));
        Assert.Equal([17.99, 10.38, 122.8, 1001], cancer.Features[..4]); // radius, texture, perimeter and area of the first tumour
    }

    [Fact]
    public void The_digits_are_the_file_of_scikit_learn() => Assert.Equal(
        "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a", DatasetLoader.Load("digits").Digest);

    [Theory]
    [InlineData("digits")]
    [InlineData("breast-cancer")]
    public void A_data_set_has_the_digest_of_its_file_and_is_the_same_every_time(string name)
    {
        Dataset data = DatasetLoader.Load(name), again = DatasetLoader.Load(name);
        Assert.Matches("^[0-9a-f]{64}$", data.Digest);
        Assert.Equal(data.Digest, again.Digest);
        Assert.Equal(data.Features, again.Features);
        Assert.Equal(data.Labels, again.Labels);
    }

    static int[] RowsPerClass(Dataset data) => [.. data.Labels.CountBy(label => label).OrderBy(c => c.Key).Select(c => c.Value)];
}
