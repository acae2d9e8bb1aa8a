using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class UpdateRowsTests
{
    [Fact]
    public void The_difference_is_exact_where_fp32_would_lose_it()
    {
        var tile = new double[2];
        UpdateRows.Difference([1e-10f, float.MaxValue], [1f, -float.MaxValue], tile);
        Assert.Equal(1e-10f - 1.0, tile[0]);
        Assert.NotEqual(-1, tile[0]);
        Assert.Equal(2.0 * float.MaxValue, tile[1]);
    }

    [Fact]
    public void It_shows_what_it_was_made_of()
    {
        float[] origin = [1, 2], first = [3, 4], second = [5, 6];
        var rows = new UpdateRows(origin, [first, second]);
        Assert.Equal((2, 2), (rows.Count, rows.Length));
        Assert.True(rows.Base == origin.AsSpan() && rows.Model(0) == first.AsSpan() && rows.Model(1) == second.AsSpan());
    }

    [Fact]
    public void A_model_of_another_length_is_refused_with_a_sentence() => Assert.StartsWith(
        "Row 1 has 3 weights, but the base model has 2.",
        Assert.Throws<ArgumentException>(() => new UpdateRows([1, 2], [[1, 2], [1, 2, 3]])).Message);
}
