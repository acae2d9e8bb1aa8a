using FedValue.Federation.Simulation;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>The folders of well-known files: their rules on small made-up copies, their counts on the public data itself.</summary>
public class PublicDataTests
{
    const string Healthy = "63.0,1.0,1.0,145.0,233.0,1.0,2.0,150.0,0.0,2.3,3.0,0.0,6.0,0\n";
    const string IllWithoutCa = "67,1,4,160,286,0,2,108,1,1.5,?,?,?,3\n";
    const string WithoutChol = "53,1,3,128,?,0,2,115,0,0,0,?,5,0\n";

    static readonly string[] Hospitals = ["cleveland", "hungarian", "switzerland", "va"];

    [Fact]
    public void Hospitals_are_participants_and_only_a_missing_kept_value_drops_a_row()
    {
        using TemporaryFolder folder = Heart(Healthy + IllWithoutCa + WithoutChol);
        Dataset data = DatasetLoader.Load("uci-heart:" + folder.Path);
        Assert.Equal((10, 8), (data.Width, data.Count));
        Assert.Equal([63, 1, 1, 145, 233, 1, 2, 150, 0, 2.3, 67, 1, 4, 160, 286, 0, 2, 108, 1, 1.5], data.Features[..20]);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], data.Labels);
        Assert.Equal(Hospitals.SelectMany(hospital => new[] { hospital, hospital }), data.Participants);
        Assert.Equal("uci-heart", DatasetLoader.WithoutPath("uci-heart:" + folder.Path));
    }

    [Theory]
    [InlineData("1,2,3\n", "Line 1 of 'DIR/processed.cleveland.data' has 3 fields, but UCI Heart Disease has 14.")]
    [InlineData(Healthy + "x,1,1,1,1,1,1,1,1,1,1,1,1,1\n",
        "Line 2 of 'DIR/processed.cleveland.data' has 'x' in column 'age'; a feature must be a finite number, at most 1E+150 in size.")]
    [InlineData("1,1,1,1,1,1,1,1,1,1,1,1,1,5\n",
        "Line 1 of 'DIR/processed.cleveland.data' has '5' as num; it must be a whole number from 0 to 4.")]
    public void A_file_that_is_not_heart_disease_is_refused(string text, string sentence)
    {
        using TemporaryFolder folder = Heart(text);
        Assert.Equal(sentence, Refusal.Of(() => DatasetLoader.Load("uci-heart:" + folder.Path)).Replace(folder.Path, "DIR"));
    }

    [Fact]
    public void A_missing_hospital_is_named()
    {
        using TemporaryFolder folder = Heart(Healthy);
        File.Delete(folder["processed.va.data"]);
        Assert.Equal("A uci-heart folder holds processed.HOSPITAL.data for cleveland, hungarian, switzerland, va, but 'DIR' has no " +
            "processed.va.data.", Refusal.Of(() => DatasetLoader.Load("uci-heart:" + folder.Path)).Replace(folder.Path, "DIR"));
    }

    [Fact]
    public void Subjects_are_participants_and_nine_of_them_are_held_out()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["features.csv"], "subject,activity,segment,position,f1,f2\n" + string.Concat(
            Enumerable.Range(1, 30).SelectMany(s => Enumerable.Range(0, 6).Select(a => $"{s},{a},{s},{a},{s * a},0.5\n"))));
        Dataset data = DatasetLoader.Load("uci-har:" + folder.Path);
        Assert.Equal((2, 180, 54), (data.Width, data.Count, data.HeldOut!.Count(held => held)));
        Assert.Equal("laying", data.Classes[5]);
        Assert.Equal("uci-har", DatasetLoader.WithoutPath("uci-har:" + folder.Path));
        File.WriteAllText(folder["features.csv.gz"], "");
        Assert.Equal("A uci-har folder holds features.csv or features.csv.gz, but 'DIR' has both.",
            Refusal.Of(() => DatasetLoader.Load("uci-har:" + folder.Path)).Replace(folder.Path, "DIR"));
    }

    [FactWithSharedData("heart-disease")]
    public void Heart_disease_has_the_counts_of_FLamby()
    {
        Dataset data = DatasetLoader.Load("uci-heart:" + SharedData.PathOf("heart-disease"));
        Assert.Equal([303, 261, 46, 130], Hospitals.Select(h => data.Participants!.Count(owner => owner == h)));
        Assert.Equal([139, 98, 45, 101], Hospitals.Select(h => Enumerable.Range(0, data.Count).Count(
            row => data.Participants![row] == h && data.Labels[row] == 1)));
    }

    [FactWithSharedData("uci-har")]
    public void Human_activity_has_the_counts_of_UCI()
    {
        Dataset data = DatasetLoader.Load("uci-har:" + SharedData.PathOf("uci-har"));
        Assert.Equal((10_299, 90, 2_947), (data.Count, data.Width, data.HeldOut!.Count(held => held)));
        Assert.Equal([1722, 1544, 1406, 1777, 1906, 1944], Enumerable.Range(0, 6).Select(c => data.Labels.Count(label => label == c)));
        Assert.Equal(30, data.Participants!.Distinct().Count());
        Assert.Equal(347, data.Participants!.Count(subject => subject == "1"));
    }

    [FactWithSharedData("cifar10-embedding")]
    public void Embeddings_are_read_as_floats()
    {
        Dataset data = DatasetLoader.Load("idx:" + SharedData.PathOf("cifar10-embedding"));
        Assert.Equal((60_000, 64, 10_000), (data.Count, data.Width, data.HeldOut!.Count(held => held)));
        Assert.All(Enumerable.Range(0, 10), c => Assert.Equal(6_000, data.Labels.Count(label => label == c)));
        Assert.Contains(data.Features, value => value != Math.Floor(value));
    }

    [FactWithSharedData("fashion-mnist")]
    public void Images_are_read_as_bytes()
    {
        Dataset data = DatasetLoader.Load($"idx:{SharedData.PathOf("fashion-mnist")},train=2000,test=500");
        Assert.Equal((2_500, 784, 10), (data.Count, data.Width, data.Classes.Count));
        Assert.All(data.Features, value => Assert.True(value is >= 0 and <= 255 && value == Math.Floor(value)));
        Assert.InRange(data.Features.Take(2000 * 784).Average(), 72, 74);
    }

    static TemporaryFolder Heart(string text)
    {
        var folder = new TemporaryFolder();
        foreach (string hospital in Hospitals)
            File.WriteAllText(folder[$"processed.{hospital}.data"], text);
        return folder;
    }
}
