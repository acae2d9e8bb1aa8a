using System.Globalization;
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
        using GuardedMemory<double> a = new(2048), b = new(2048), c = new(2048), d = new(2048);
        foreach (int length in TileLengths)
        {
            double[][] x = [.. Enumerable.Range(0, 4).Select(i => Samples.Doubles(length, (uint)i))];
            double dot = Lanes.Dot(a.AtStart(x[0]), b.AtStart(x[1]));
            Bits.Equal([dot], [Lanes.Dot(a.AtEnd(x[0]), b.AtEnd(x[1]))], $"length {length}");
            var four = Lanes.Dot2X2(a.AtEnd(x[0]), b.AtEnd(x[2]), c.AtEnd(x[1]), d.AtEnd(x[3]));
            Assert.Equal(four, Lanes.Dot2X2(a.AtStart(x[0]), b.AtStart(x[2]), c.AtStart(x[1]), d.AtStart(x[3])));
            Bits.Equal([dot], [four.AC], $"length {length}, of four");
        }
    }

    [FactWithGuardPages]
    public void Adding_a_scaled_row_stays_inside()
    {
        using GuardedMemory<double> a = new(2048), b = new(2048);
        foreach (int length in TileLengths)
        {
            double[] row = Samples.Doubles(length, 0), sum = Samples.Doubles(length, 1);
            double[] expected = [.. row.Zip(sum, (x, y) => y + 0.7 * x)];
            foreach ((double[] left, double[] right, bool end) in new[] { (row, sum, false), (row, sum, true) })
            {
                Span<double> result = end ? b.AtEnd(right) : b.AtStart(right);
                Lanes.AddScaled(0.7, end ? a.AtEnd(left) : a.AtStart(left), result);
                Bits.Equal(expected, result, $"length {length}");
            }
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
