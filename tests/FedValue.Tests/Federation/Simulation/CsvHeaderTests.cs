using System.Text;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class CsvHeaderTests
{
    [Theory]
    [InlineData("a,b,y\n1,2,0\n3,4,1\n", 2)]
    [InlineData("0,1,y\n1,2,0\n3,4,1\n", 2)] // columns numbered by a data frame
    [InlineData(",a,y\n0,2,yes\n1,4,no\n", 2)] // an unnamed index column
    [InlineData("1,2,0\n3,4,1\n5,6,0\n", 3)]
    [InlineData("5.1,3.5,setosa\n4.9,3,setosa\n6.3,3.3,virginica\n", 3)] // no header, but a label in words
    [InlineData("1,2,0\n3,4,none\n", 2)]
    public void A_header_has_a_name_where_the_next_line_has_a_number(string text, int rows) =>
        Assert.Equal(rows, CsvFile.Load(text).Count);

    [Theory]
    [InlineData("0,1,2,3\n5,6,7,1\n8,9,1,0\n", "")] // a data frame without names
    [InlineData("1,2,3,4\n5,6,7,1\n8,9,1,4\n", "")]
    [InlineData("2019,2020,2021\n5,6,0\n8,9,1\n", "label=2021,header=yes")]
    [InlineData("1,2,kind\n5,6,cat\n7,8,dog\n", "label=kind")]
    [InlineData("0,1\n5,0\n6,1\n", "header=yes")]
    public void Numbers_are_names_where_they_count_the_columns_or_were_asked_for(string text, string columns)
    {
        Dataset data = CsvFile.Load(text, columns);
        Assert.Equal(2, data.Count);
        Assert.Equal(2, data.Classes.Count);
    }

    [Fact]
    public void A_counted_column_is_asked_for_by_its_name_and_not_by_its_place()
    {
        const string Frame = "0,1,2,3\n5,6,7,1\n8,9,1,0\n";
        Assert.Equal([5, 6, 1, 8, 9, 0], CsvFile.Load(Frame, "label=2").Features);
        Assert.Equal("The file 'FILE' has no column '4' for label in its first line (0, 1, 2, 3); if that is a row, columns are counted "
            + "from 1 to 4 (header=no says so).", CsvFile.Refused(Frame, "label=4"));
    }

    [Theory]
    [InlineData("1,2,kind\n5,6,cat\n7,8,dog\n", "1, 2, kind")] // a class that nobody else has
    [InlineData("2019,2020,2021,2022,2023,2024,label\n1,2,3,4,5,6,a\n1,2,3,4,5,6,b\n", "2019, 2020, 2021, 2022, 2023, 2024, ...")]
    [InlineData("0,1\n5,0\n6,1\n", "0, 1")] // a feature and a class as well as two numbered columns
    [InlineData("1,2,3\n5,0,3\n6,1,4\n", "1, 2, 3")]
    public void A_first_line_that_may_be_either_is_refused_until_it_is_said(string text, string line)
    {
        Assert.Equal($"The first line of 'FILE' ({line}) may be a row or the names of the columns; "
            + "say which with header=yes or header=no after the file.", CsvFile.Refused(text));
        Assert.Equal(3, CsvFile.Load(text, "header=no").Count);
        Assert.Equal(2, CsvFile.Load(text, "header=yes").Count);
    }

    [Fact]
    public void A_number_that_is_no_place_but_stands_in_the_first_line_is_refused_until_it_is_said()
    {
        Assert.StartsWith("The first line of 'FILE' (2019, 2020, 2021) may be", CsvFile.Refused("2019,2020,2021\n5,6,0\n8,9,1\n", "label=2021"));
        Assert.StartsWith("The first line of 'FILE' (1, 2, 0) may be", CsvFile.Refused("1,2,0\n3,4,1\n", "group=0")); // or counted from 0
    }

    [Fact]
    public void In_a_long_table_a_number_that_is_nobody_elses_class_may_be_a_name()
    {
        string rows = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i}.5,3,{i % 2}\n"));
        Assert.StartsWith("The first line of 'FILE' (3, 7, 64) may be", CsvFile.Refused("3,7,64\n" + rows));
        Assert.Equal(21, CsvFile.Load("3,7,1\n" + rows).Count);
        Assert.Equal(21, CsvFile.Load("3,3,64\n" + rows).Count); // two columns would not have one name
        Assert.Equal(21, CsvFile.Load("3.5,7,64\n" + rows).Count);
    }

    [Fact]
    public void Validation_rows_cannot_say_it_and_are_asked_for_names()
    {
        static LabelledRows Read(string text) => ValidationTable.Read(Encoding.UTF8.GetBytes(text), null, null);
        Assert.Equal("The first line of 'validation' (0, 1) may be a row or the names of the columns; name the columns there, not with numbers "
            + "only.", Refusal.Of(() => Read("0,1\n5,0\n6,1\n")));
        Assert.Equal(2, Read("0,1,2,3\n5,6,7,1\n8,9,1,0\n").Count);
        Assert.Equal(3, Read("0.5,1\n5,0\n6,1\n").Count);
    }

    [Fact]
    public void A_missing_value_in_the_first_row_does_not_make_it_a_header()
    {
        Assert.StartsWith("Line 1 of 'FILE' has '?' in column 2; ", CsvFile.Refused("1,?,0\n3,4,1\n"));
        Assert.StartsWith("Line 1 of 'FILE' has '' in column 2; ", CsvFile.Refused("1,,0\n3,4,1\n"));
        Assert.StartsWith("Line 1 of 'FILE' has 'NaN' in column 2; ", CsvFile.Refused("1,NaN,0\n3,4,1\n"));
    }

    [Fact]
    public void A_header_alone_has_no_rows() => Assert.Equal("The file 'FILE' has a header but no rows.", CsvFile.Refused("a,b,y\n"));
}
