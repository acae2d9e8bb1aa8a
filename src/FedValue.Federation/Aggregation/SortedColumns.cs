using System.Buffers;

namespace FedValue.Federation.Aggregation;

/// <summary>What a rule makes of one weight: a number from the values that the local models give it, ascending.</summary>
delegate float ColumnRule(ReadOnlySpan<float> ascending);

/// <summary>Rules that look at each weight alone and at its order only.</summary>
static class SortedColumns
{
    /// <summary>How many weights are done between two looks at the cancellation.</summary>
    const int ColumnsAtOnce = 512;

    /// <summary>model[i] = rule(the members' values of weight i, ascending), for all d weights.</summary>
    public static void Apply(RoundUpdates updates, ReadOnlySpan<int> members, Span<float> model, ColumnRule rule)
    {
        int n = members.Length;
        float[] columns = ArrayPool<float>.Shared.Rent(ColumnsAtOnce * n);
        for (int start = 0, count; (count = Math.Min(ColumnsAtOnce, model.Length - start)) > 0; start += count)
        {
            updates.Cancellation.ThrowIfCancellationRequested();
            for (int k = 0; k < n; k++)
            {
                ReadOnlySpan<float> values = updates.Rows.Model(members[k]).Slice(start, count);
                for (int i = 0; i < count; i++)
                    columns[i * n + k] = values[i];
            }
            for (int i = 0; i < count; i++)
            {
                Span<float> column = columns.AsSpan(i * n, n);
                column.Sort();
                model[start + i] = rule(column);
            }
        }
        ArrayPool<float>.Shared.Return(columns);
    }

    /// <summary>The middle value, or in double the mean of the middle two; 1 or more values.</summary>
    public static double Median(ReadOnlySpan<float> ascending)
    {
        int half = ascending.Length / 2;
        return ascending.Length % 2 == 1 ? ascending[half] : ((double)ascending[half - 1] + ascending[half]) / 2;
    }

    /// <summary>The mean, added in double in ascending order; 1 or more values.</summary>
    public static double Mean(ReadOnlySpan<float> ascending)
    {
        double sum = 0;
        foreach (float value in ascending)
            sum += value;
        return sum / ascending.Length;
    }

    /// <summary>
    /// The mean of the values closest to a reference. Of two that are equally far, the smaller stays: the choice depends on values, not on
    /// who sent them.
    /// </summary>
    /// <param name="ascending">The values.</param>
    /// <param name="reference">What they are compared with; nothing about it is assumed.</param>
    /// <param name="count">How many stay, 1 .. the number of values.</param>
    public static double MeanOfClosest(ReadOnlySpan<float> ascending, double reference, int count)
    {
        while (ascending.Length > count)
            ascending = ascending[^1] - reference >= reference - ascending[0] ? ascending[..^1] : ascending[1..];
        return Mean(ascending);
    }
}
