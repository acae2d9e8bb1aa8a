using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class CsvTableTests
{
    const string Named = "a,who,b,day,y\n1,p,2,mon,0\n3,q,4,tue,1\n5,p,6,mon,1\n";

    [Fact]
    public void The_last_column_is_the_label_and_the_others_are_features()
    {
        Dataset data = CsvFile.Load("a,b,y\n1,2.5,0\n-3,4e-2,1\n");
        Assert.Equal(("csv", 2, 2), (data.Name, data.Count, data.Width));
        Assert.Equal([1, 2.5, -3, 0.04], data.Features);
        Assert.Equal([0, 1], data.Labels);
        Assert.Equal((null, null), (data.Participants, data.Groups));
    }

    [Fact]
    public void The_columns_of_participant_and_group_are_no_features()
    {
        Dataset data = CsvFile.Load(Named, "label=y,participant=who,group=day");
        Assert.Equal(2, data.Width);
        Assert.Equal([1, 2, 3, 4, 5, 6], data.Features);
        Assert.Equal(["p", "q", "p"], data.Participants);
        Assert.Equal(["mon", "tue", "mon"], data.Groups);
    }

    [Fact]
    public void One_column_may_be_participant_and_group()
    {
        Dataset data = CsvFile.Load(Named.Replace("mon", "1").Replace("tue", "2"), "participant=who,group=who");
        Assert.Equal([1, 2, 1, 3, 4, 2, 5, 6, 1], data.Features);
        Assert.Equal(data.Participants, data.Groups);
    }

    [Fact]
    public void Columns_are_counted_from_one_where_there_is_no_header()
    {
        Dataset data = CsvFile.Load("7,1,0\n8,2,1\n7,3,2\n", "label=1,group=3");
        Assert.Equal([1, 2, 3], data.Features);
        Assert.Equal(["7", "8"], data.Classes);
        Assert.Equal(["0", "1", "2"], data.Groups);
    }

    [Fact]
    public void A_name_wins_over_a_number_where_there_is_a_header()
    {
        Dataset data = CsvFile.Load("2,1,y\n10,20,0\n30,40,1\n", "label=1");
        Assert.Equal(["20", "40"], data.Classes);
    }

    [Fact]
    public void Classes_that_are_numbers_stand_in_numeric_order()
    {
        Dataset data = CsvFile.Load("1,10\n2,9\n3,-1\n4,9\n5,1e1\n");
        Assert.Equal(["-1", "9", "10", "1e1"], data.Classes);
        Assert.Equal([2, 1, 0, 1, 3], data.Labels);
    }

    [Fact]
    public void Other_classes_stand_in_ordinal_order()
    {
        Dataset data = CsvFile.Load("x,y\n1,b\n2,B\n3,10\n4,9\n5,b\n");
        Assert.Equal(["10", "9", "B", "b"], data.Classes);
        Assert.Equal([3, 2, 0, 1, 3], data.Labels);
    }
}
