namespace FedValue.Tests.Federation.Simulation;

public class CsvRefusalTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\n\r\n\n")]
    public void A_file_without_rows_is_refused(string text) => Assert.Equal("The file 'FILE' has no rows.", CsvFile.Refused(text));

    [Theory]
    [InlineData("a,b,y\n1,2,0\n3,4\n", 3, 2, 3)]
    [InlineData("a,b,y\n1,2,0\n\n3,4,1,\n", 4, 4, 3)]
    [InlineData("1,2,0\n3\n", 2, 1, 3)]
    public void A_ragged_row_is_named_by_its_line(string text, int line, int came, int expected) => Assert.Equal(
        $"Line {line} of 'FILE' has {came} fields, but the first line has {expected}"
        + (came > expected ? "; numbers are written with points, and a text with a comma in it has quotation marks around it." : "."),
        CsvFile.Refused(text));

    [Theory]
    [InlineData("?")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    [InlineData("1e151")] // its square would not be finite
    public void A_feature_that_is_no_number_is_named_by_line_and_column(string field)
    {
        string expected(string column, int line) =>
            $"Line {line} of 'FILE' has '{field}' in column {column}; a feature must be a finite number, at most 1E+150 in size.";
        Assert.Equal(expected("'b'", 3), CsvFile.Refused($"a,b,y\n1,2,0\n3,{field},1\n"));
        Assert.Equal(expected("2", 2), CsvFile.Refused($"1,2,0\n3,{field},1\n"));
    }

    [Theory]
    [InlineData("red")]
    [InlineData("0x10")]
    [InlineData("1.000.5")]
    public void A_feature_in_words_is_refused_with_what_a_column_can_be_instead(string field) => Assert.Equal(
        $"Line 3 of 'FILE' has '{field}' in column 'b'; a feature must be a finite number, at most 1E+150 in size; "
        + "a column that is none is named in label=COL, participant=COL, group=COL or drop=COL.",
        CsvFile.Refused($"a,b,y\n1,2,0\n3,{field},1\n"));

    [Fact]
    public void A_decimal_comma_is_refused_with_what_to_write() => Assert.Equal(
        "Line 3 of 'FILE' has '3,5' in column 'b'; a feature must be a finite number, at most 1E+150 in size, and is written with a point.",
        CsvFile.Refused("a,b,y\n1,2,0\n3,\"3,5\",1\n"));

    [Theory]
    [InlineData("a;b;y\n1;2;0\n3;4;1\n", "a;b;y")]
    [InlineData("1,5;2,5;0\n3,5;4,5;1\n", "5;2")]
    [InlineData("a\tb\ty\n1\t2\t0\n3\t4\t1\n", "a b y")]
    public void Semicolons_and_tabs_between_fields_are_refused_with_what_is_expected(string text, string field) => Assert.Equal(
        $"Line 1 of 'FILE' has '{field}' between two commas; save the table with commas between fields and points in numbers.",
        CsvFile.Refused(text));

    [Fact]
    public void A_semicolon_in_a_label_is_no_separator()
    {
        Assert.Equal(["no; never", "yes"], CsvFile.Load("1,2,no; never\n3,4,yes\n1,3,no; never\n").Classes);
        Assert.Equal(["1;2", "2"], CsvFile.Load("1,2,1;2\n3,4,2\n1,3,1;2\n").Classes);
    }

    [Fact]
    public void A_name_is_not_looked_for_in_a_row_without_saying_so() => Assert.Equal(
        "The file 'FILE' has no column 'outcome' for label in its first line (1.5, 2, 0); if that is a row, columns are counted from 1 to 3 "
        + "(header=no says so).", CsvFile.Refused("1.5,2,0\n3,4,1\n", "label=outcome"));

    [Fact]
    public void A_number_with_a_NUL_behind_it_is_none() => Assert.Contains("has '1 ' in column 'b'", CsvFile.Refused("a,b,y\n1,2,0\n3,1\0,1\n"));

    [Fact]
    public void Lines_are_counted_as_an_editor_does()
    {
        Assert.StartsWith("Line 5 of", CsvFile.Refused("a,b,y\n\n1,2,0\n\n3,red,1\n"));
        Assert.StartsWith("Line 4 of", CsvFile.Refused("a,b,y\n1,2,\"first\nsecond\"\n3,red,1\n"));
        Assert.StartsWith("Line 3 of", CsvFile.Refused("a,b,y\r\n1,2,0\r\n3,red,1\r\n"));
    }

    [Fact]
    public void Long_fields_and_line_feeds_do_not_get_into_the_sentence()
    {
        Assert.StartsWith($"Line 3 of 'FILE' has '{new string('x', 40)}' in", CsvFile.Refused($"a,y\n1,0\n{new string('x', 5000)},1\n"));
        Assert.StartsWith("Line 4 of 'FILE' has '1 2' in", CsvFile.Refused("a,y\n1,0\n\"1\n2\",1\n"));
    }

    [Theory]
    [InlineData("1,2\"3,0\n4,5,1\n", "The first record")]
    [InlineData("a,b,y\n1,2\"3,0\n4,5,1\n", "The record after line 1")]
    [InlineData("a,b,y\n\n1,2,0\n4,\"5\"6,1\n", "The record after line 3")]
    [InlineData("a,b,y\n1,2,0\n4,\"5,1\n6,7,1\n", "The record after line 2")]
    public void A_quotation_mark_out_of_place_is_found(string text, string where) => Assert.Equal(
        $"{where} of 'FILE' has a quotation mark inside a field or without its pair; " +
        "quote the whole field and double the marks inside it.", CsvFile.Refused(text));

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("nan")]
    public void A_missing_label_is_refused(string label)
    {
        Assert.Equal(
            $"Line 3 of 'FILE' has '{label}' in column 'y'; a label must not be missing.", CsvFile.Refused($"a,y\n1,0\n2,{label}\n3,1\n"));
        Assert.Equal($"Line 2 of 'FILE' has '{label}' in column 1; a label must not be missing.",
            CsvFile.Refused($"0,5\n{label},2\n1,3\n", "label=1"));
    }

    [Fact]
    public void One_class_is_not_enough() => Assert.Equal(
        "The label column of 'FILE' has one class only ('yes'); at least two are needed.", CsvFile.Refused("a,y\n1,yes\n2,yes\n"));

    [Fact]
    public void A_table_needs_a_feature()
    {
        Assert.Equal("The file 'FILE' has no feature column beside its label.", CsvFile.Refused("1\n2\n"));
        Assert.Equal("The file 'FILE' has no feature column beside its label.", CsvFile.Refused("p,y\n1,0\n2,1\n", "participant=p"));
    }

    [Theory]
    [InlineData("participant=y")]
    [InlineData("group=y")]
    [InlineData("label=a,group=a")]
    public void The_label_is_only_the_label(string columns) => Assert.Equal(
        "The label column of 'FILE' cannot also be its participant or group column.", CsvFile.Refused("a,b,y\n1,2,0\n3,4,1\n", columns));

    [Theory]
    [InlineData("label=z", "The file 'FILE' has no column 'z' for label; it has a, b, y.")]
    [InlineData("participant=3", "The file 'FILE' has no column '3' for participant; it has a, b, y.")]
    [InlineData("group=A", "The file 'FILE' has no column 'A' for group; it has a, b, y.")]
    public void An_unknown_column_is_refused_with_the_known_ones(string columns, string sentence) =>
        Assert.Equal(sentence, CsvFile.Refused("a,b,y\n1,2,0\n3,4,1\n", columns));

    [Fact]
    public void A_column_name_that_stands_there_twice_is_refused() => Assert.Equal(
        "The file 'FILE' has two columns 'a'; give every column a name of its own.", CsvFile.Refused("a,a,y\n1,2,0\n3,4,1\n"));

    [Theory]
    [InlineData("0")]
    [InlineData("4")]
    [InlineData("99999999999")]
    [InlineData("1.5")]
    public void A_column_number_lies_in_the_table(string number) => Assert.Equal(
        $"The file 'FILE' has no header, so group=COL takes a column number from 1 to 3, but '{number}' came.",
        CsvFile.Refused("1,2,3.5\n3,4,1\n", "group=" + number));

    [Fact]
    public void A_participant_id_that_cannot_be_is_named_by_its_line()
    {
        Assert.Equal(
            "Line 3 of 'FILE': A participant id is made of letters a-z A-Z, digits and . _ -, but 'St. Mary' has another character. "
            + "Write another id into that column.",
            CsvFile.Refused("who,a,y\np,1,0\nSt. Mary,2,1\n", "participant=who"));
        Assert.Equal("Line 2 of 'FILE': A participant id must not be empty. Write another id into that column.", CsvFile.Refused(
            "who,a,y\n,1,0\np,2,1\n", "participant=who"));
    }
}
