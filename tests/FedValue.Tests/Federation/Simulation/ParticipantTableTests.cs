using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Simulation;

public sealed class ParticipantTableTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_participant_may_hold_one_class_of_many()
    {
        LabelledRows rows = Read("age,pressure,outcome\n40,1e-3,7\n41,-0,7\n", ",label=outcome", 2, 10);
        Assert.Equal([7, 7], rows.Labels);
        Assert.Equal([40f, 1e-3f, 41f, -0f], rows.Features);
    }

    [Fact]
    public void Names_of_classes_have_the_order_that_is_given()
    {
        LabelledRows rows = Read("1,well\n2,ill\n3,well\n", "", 1, 3, ["well", "unknown", "ill"]);
        Assert.Equal([0, 2, 0], rows.Labels);
    }

    [Fact]
    public void Features_are_standardized_over_the_own_rows_where_that_is_asked_for()
    {
        LabelledRows rows = Read("1,5,0\n3,5,1\n", "", 2, 2, standardize: true);
        Assert.Equal([-1f, 0f, 1f, 0f], rows.Features);
        Assert.Equal([0, 1], rows.Labels);
    }

    [Theory]
    [InlineData("1,2,0\n3,4,1\n", "", "takes 1 features, but")]
    [InlineData("1,0\n3,2\n", "", "must hold the numbers 0 to 1, but '2' came")]
    [InlineData("1.5,ill\n3,well\n", "", "must hold the numbers 0 to 1, but 'ill' came")]
    [InlineData("1e39,0\n3,1\n", "", "too large for fp32")]
    [InlineData("a,b,c\n1,2,0\n3,4,1\n", ",participant=a", "only label=COL, drop=COL+COL and header=yes|no")]
    public void What_does_not_fit_the_model_is_one_sentence(string csv, string columns, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<SimulationException>(() => Read(csv, columns, 1, 2)).Message);

    [Fact]
    public void As_many_names_are_needed_as_there_are_classes()
    {
        Assert.Throws<SimulationException>(() => Read("1,a\n2,b\n", "", 1, 2, ["a"]));
        Assert.Throws<SimulationException>(() => Read("1,a\n2,b\n", "", 1, 2, ["a", "a"]));
        Assert.Throws<SimulationException>(() => Read("1,a\n2,c\n", "", 1, 2, ["a", "b"]));
        Assert.Throws<SimulationException>(() => ParticipantTable.Read("digits", 64, 10));
    }

    LabelledRows Read(string csv, string columns, int features, int classes, IReadOnlyList<string>? names = null, bool standardize = false)
    {
        File.WriteAllText(_folder["rows.csv"], csv);
        return ParticipantTable.Read($"csv:{_folder["rows.csv"]}{columns}", features, classes, names, standardize);
    }

    public void Dispose() => _folder.Dispose();
}
