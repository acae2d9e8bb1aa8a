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

    [Fact]
    public void Asking_for_a_column_by_name_means_that_there_is_a_header()
    {
        Assert.Equal(3, CsvFile.Load("1,2,kind\n5,6,cat\n7,8,dog\n").Count); // nothing tells the header from a row
        Assert.Equal(2, CsvFile.Load("1,2,kind\n5,6,cat\n7,8,dog\n", "label=kind").Count);
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
