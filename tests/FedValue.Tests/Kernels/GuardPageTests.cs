using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels;

/// <summary>No kernel touches a byte outside its spans: every span here ends, or begins, at a page that faults.</summary>
public sealed class GuardPageTests
{
    static readonly int[] TileLengths = [.. Enumerable.Range(0, 34).Select(i => 8 * i), 2040, 2048];

    [FactWithGuardPages]
    public void The_pages_around_guarded_memory_really_are_closed()
    {
        using var memory = new GuardedMemory<float>(5000);
        (nint before, nint after) = memory.Guards;
        Assert.Equal("---p", PermissionsAt(before));
        Assert.Equal("---p", PermissionsAt(after));
        Assert.Equal("rw-p", PermissionsAt(before + Environment.SystemPageSize));
        Assert.Equal("rw-p", PermissionsAt(after - 1));
    }

    static string PermissionsAt(nint address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ', '-');
            ulong first = ulong.Parse(words[0], NumberStyles.HexNumber), end = ulong.Parse(words[1], NumberStyles.HexNumber);
            if (first <= (ulong)address && (ulong)address < end)
                return line.Split(' ')[1];
        }
        return "not mapped";
    }

    [FactWithGuardPages]
    public void Inner_products_stay_inside()
    {
        using GuardedMemory<double> a = new(2048), b = new(2048);
        foreach (int length in TileLengths)
        {
            double[] x = Samples.Doubles(length, 0), y = Samples.Doubles(length, 1);
            Bits.Equal([Lanes.Dot(a.AtStart(x), b.AtStart(y))], [Lanes.Dot(a.AtEnd(x), b.AtEnd(y))], $"length {length}");
        }
    }

    [FactWithGuardPages]
    public void Four_rows_at_once_stay_inside_and_fetch_ahead_of_the_end_without_harm()
    {
        using GuardedMemory<float> o = new(2048), a = new(2048), b = new(2048);
        using GuardedMemory<double> s = new(2048), v = new(2048);
        foreach (int length in TileLengths)
        {
            float[][] x = [.. Enumerable.Range(0, 3).Select(i => Samples.Singles(length, (uint)i))];
            double[] sums = Samples.Doubles(length, 3), vector = Samples.Doubles(length, 4), four = new double[12], again = new double[12];
            Span<double> start = s.AtStart(sums);
            Gather(o.AtStart(x[0]), a.AtStart(x[1]), b.AtStart(x[2]), start, v.AtStart(vector), four);
            double[] expected = start.ToArray();
            Span<double> end = s.AtEnd(sums);
            Gather(o.AtEnd(x[0]), a.AtEnd(x[1]), b.AtEnd(x[2]), end, v.AtEnd(vector), again);
            Bits.Equal(expected, end, $"length {length}");
            Bits.Equal(four, again, $"length {length}");
        }

        static void Gather(
            ReadOnlySpan<float> origin, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<double> sum, ReadOnlySpan<double> vector,
            double[] figures)
        {
            var rows = new FourRows(origin, a, b, b, a, 4); // what it fetches ahead lies behind their ends
            Lanes.Gather(rows, [1, -2, 3, 0.5], sum, figures, vector, figures.AsSpan(4));
            Lanes.Project(rows, vector, figures.AsSpan(8));
            NarrowLanes.Gather(rows, [1, -2, 3, 0.5], sum, figures, vector, figures.AsSpan(4));
            NarrowLanes.Project(rows, vector, figures.AsSpan(8));
        }
    }

    [FactWithGuardPages]
    public void A_block_of_the_Gram_matrix_stays_inside()
    {
        using GuardedMemory<double> a = new(4 * 520), b = new(4 * 520), c = new(GramBlock.LanesLength);
        foreach (int columns in TileLengths.Where(length => length <= 512))
        {
            int stride = columns + 8, size = 3 * stride + columns;
            double[] left = Samples.Doubles(size, 0), right = Samples.Doubles(size, 1), before = Samples.Doubles(GramBlock.LanesLength, 2);
            Span<double> lanes = c.AtStart(before);
            GramBlock.Add(a.AtStart(left), b.AtStart(right), stride, columns, lanes);
            double[] expected = lanes.ToArray();
            lanes = c.AtEnd(before);
            GramBlock.Add(a.AtEnd(left), b.AtEnd(right), stride, columns, lanes);
            Bits.Equal(expected, lanes, $"{columns} columns");
        }
    }

    [FactWithGuardPages]
    public void The_difference_of_two_models_stays_inside_at_every_length()
    {
        using GuardedMemory<float> a = new(2049), b = new(2049);
        using GuardedMemory<double> c = new(2049);
        foreach (int length in Samples.Lengths.Where(length => length <= 2049))
        {
            float[] left = Samples.Singles(length, 0), right = Samples.Singles(length, 1);
            double[] expected = [.. left.Zip(right, (x, y) => (double)x - y)];
            var empty = new double[length];
            Span<double> difference = c.AtStart(empty);
            UpdateRows.Difference(a.AtStart(left), b.AtStart(right), difference);
            Bits.Equal(expected, difference, $"length {length}, from the start");
            difference = c.AtEnd(empty);
            UpdateRows.Difference(a.AtEnd(left), b.AtEnd(right), difference);
            Bits.Equal(expected, difference, $"length {length}, to the end");
        }
    }

    [FactWithGuardPages]
    public void The_cross_entropy_of_a_row_stays_inside_at_every_number_of_classes()
    {
        using GuardedMemory<float> logits = new(300), gradient = new(300);
        for (int classes = 1; classes <= 258; classes++)
        {
            float[] row = Samples.Singles(classes, 0), expected = new float[classes];
            CrossEntropy.Gradient(row, classes - 1, 0.25, expected);
            Span<float> start = gradient.AtStart(new float[classes]);
            CrossEntropy.Gradient(logits.AtStart(row), classes - 1, 0.25, start);
            Bits.Equal(expected, start, $"{classes} classes, from the start");
            Span<float> end = gradient.AtEnd(new float[classes]);
            CrossEntropy.Gradient(logits.AtEnd(row), classes - 1, 0.25, end);
            Bits.Equal(expected, end, $"{classes} classes, to the end");
            Assert.Equal(CrossEntropy.Loss(row, 0), CrossEntropy.Loss(logits.AtEnd(row), 0));
            Assert.Equal(CrossEntropy.Predicted(row), CrossEntropy.Predicted(logits.AtEnd(row)));
        }
    }
}
