using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class DatasetSpecTests
{
    [Theory]
    [InlineData("iris")]
    [InlineData("")]
    [InlineData("CSV:table.csv")]
    public void An_unknown_data_set_is_refused_with_the_known_ones(string spec) => Assert.Equal(
        $"There is no data set '{spec}'; use digits, breast-cancer, " +
        "csv:FILE[,label=COL][,participant=COL][,group=COL][,drop=COL+COL][,holdout=ID+ID][,header=yes|no], idx:FOLDER[,train=N][,test=N], " +
        "uci-har:FOLDER or uci-heart:FOLDER.",
        Refusal.Of(() => DatasetLoader.Load(spec)));

    [Theory]
    [InlineData("Digits", "digits")]
    [InlineData("patients.csv", "csv:patients.csv")]
    [InlineData("data/patients.csv.gz,label=outcome", "csv:data/patients.csv.gz,label=outcome")]
    public void What_was_probably_meant_is_said(string spec, string meant) => Assert.StartsWith(
        $"There is no data set '{spec}' (did you mean {meant}?); use digits, ", Refusal.Of(() => DatasetLoader.Load(spec)));

    [Theory]
    [InlineData("label", "label")]
    [InlineData("Label=y", "Label=y")]
    [InlineData("label=y,features=3", "features=3")]
    [InlineData("label=y,group=g,label=z", "label=z")]
    [InlineData("participant=a,participant=a", "participant=a")]
    [InlineData("group=a,group=a", "group=a")]
    [InlineData("drop=a+b,drop=c", "drop=c")]
    [InlineData("holdout=a,holdout=b", "holdout=b")]
    [InlineData("header=yes,header=no", "header=no")]
    [InlineData("header=maybe", "header=maybe")]
    [InlineData("", "")]
    public void Only_known_columns_can_be_named_each_once(string columns, string wrong) => Assert.Equal(
        "After the file, a csv data set takes label=COL, participant=COL, group=COL, drop=COL+COL, holdout=ID+ID and " +
        $"header=yes or header=no, each once, but '{wrong}' came.",
        Refusal.Of(() => DatasetLoader.Load("csv:table.csv," + columns)));

    [Fact]
    public void A_file_that_cannot_be_read_is_refused()
    {
        Assert.Equal("A csv data set is written csv:FILE, but no file was named.", Refusal.Of(() => DatasetLoader.Load("csv:")));
        using var file = new CsvFile("");
        Assert.Equal($"'{file.Folder}' is a folder, not a CSV file.", Refusal.Of(() => DatasetLoader.Load("csv:" + file.Folder)));
        string absent = Path.Combine(file.Folder, "absent.csv");
        Assert.StartsWith($"The file '{absent}' could not be read: ", Refusal.Of(() => DatasetLoader.Load("csv:" + absent)));
    }

    [Theory]
    [InlineData("digits", "digits")]
    [InlineData("csv:/home/alice/secret/table.csv", "csv")]
    [InlineData("csv:/home/alice/table.csv,label=y,group=g", "csv,label=y,group=g")]
    public void A_specification_loses_its_path(string spec, string without) => Assert.Equal(without, DatasetLoader.WithoutPath(spec));
}
