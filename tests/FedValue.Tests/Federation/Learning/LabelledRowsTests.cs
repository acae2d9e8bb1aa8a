using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

public class LabelledRowsTests
{
    [Fact]
    public void A_row_is_a_slice_of_the_features()
    {
        var rows = new LabelledRows(2, [1, 2, 3, 4, 5, 6], [0, 1, 0]);
        Assert.Equal((3, 2), (rows.Count, rows.Width));
        Assert.Equal([3, 4], rows.Row(1).ToArray());
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new LabelledRows(2, [1, 2, 3], [0, 1]));
        Assert.Equal("2 rows of 2 features need 4 numbers, but 3 came.", refused.Message);
    }
}
