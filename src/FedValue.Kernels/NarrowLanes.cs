using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// The sums of <see cref="Lanes"/>, bit for bit, for machines whose vectors hold two doubles: one row at a time, since the lanes of four would
/// not find room in sixteen registers.
/// </summary>
static class NarrowLanes
{
    /// <summary>See <see cref="Lanes.Gather"/>.</summary>
    public static void Gather(
        in FourRows rows, ReadOnlySpan<double> coefficients, Span<double> sum, Span<double> squares,
        ReadOnlySpan<double> vector, Span<double> products)
    {
        for (int r = 0; r < rows.Count; r++)
        {
            (double square, double product) = Gather(rows.Origin, rows[r], coefficients[r], sum[..rows.Origin.Length], vector[..rows.Origin.Length]);
            squares[r] += square;
            products[r] += product;
        }
    }

    /// <summary>See <see cref="Lanes.Project"/>.</summary>
    public static void Project(in FourRows rows, ReadOnlySpan<double> vector, Span<double> products)
    {
        for (int r = 0; r < rows.Count; r++)
            products[r] += Project(rows.Origin, rows[r], vector[..rows.Origin.Length]);
    }

    [MethodImpl(Compiled.ByItself)]
    static (double Square, double Product) Gather(
        ReadOnlySpan<float> origin, ReadOnlySpan<float> row, double coefficient, Span<double> sum, ReadOnlySpan<double> vector)
    {
        ref float o = ref MemoryMarshal.GetReference(origin), a = ref MemoryMarshal.GetReference(row);
        ref double s = ref MemoryMarshal.GetReference(sum), v = ref MemoryMarshal.GetReference(vector);
        var weight = Vector128.Create(coefficient);
        Vector128<double> square0 = default, square1 = default, square2 = default, square3 = default;
        Vector128<double> product0 = default, product1 = default, product2 = default, product3 = default;
        for (nuint i = 0; i < (nuint)origin.Length; i += 8)
        {
            Prefetch.Line(ref a, i + Prefetch.Ahead);
            Vector128<double> x = Difference(ref a, ref o, i);
            square0 += x * x;
            product0 += x * Vector128.LoadUnsafe(ref v, i);
            (Vector128.LoadUnsafe(ref s, i) + weight * x).StoreUnsafe(ref s, i);
            x = Difference(ref a, ref o, i + 2);
            square1 += x * x;
            product1 += x * Vector128.LoadUnsafe(ref v, i + 2);
            (Vector128.LoadUnsafe(ref s, i + 2) + weight * x).StoreUnsafe(ref s, i + 2);
            x = Difference(ref a, ref o, i + 4);
            square2 += x * x;
            product2 += x * Vector128.LoadUnsafe(ref v, i + 4);
            (Vector128.LoadUnsafe(ref s, i + 4) + weight * x).StoreUnsafe(ref s, i + 4);
            x = Difference(ref a, ref o, i + 6);
            square3 += x * x;
            product3 += x * Vector128.LoadUnsafe(ref v, i + 6);
            (Vector128.LoadUnsafe(ref s, i + 6) + weight * x).StoreUnsafe(ref s, i + 6);
        }
        return (AddHalves(square0, square1, square2, square3), AddHalves(product0, product1, product2, product3));
    }

    [MethodImpl(Compiled.ByItself)]
    static double Project(ReadOnlySpan<float> origin, ReadOnlySpan<float> row, ReadOnlySpan<double> vector)
    {
        ref float o = ref MemoryMarshal.GetReference(origin), a = ref MemoryMarshal.GetReference(row);
        ref double v = ref MemoryMarshal.GetReference(vector);
        Vector128<double> lane0 = default, lane1 = default, lane2 = default, lane3 = default;
        for (nuint i = 0; i < (nuint)origin.Length; i += 8)
        {
            lane0 += Difference(ref a, ref o, i) * Vector128.LoadUnsafe(ref v, i);
            lane1 += Difference(ref a, ref o, i + 2) * Vector128.LoadUnsafe(ref v, i + 2);
            lane2 += Difference(ref a, ref o, i + 4) * Vector128.LoadUnsafe(ref v, i + 4);
            lane3 += Difference(ref a, ref o, i + 6) * Vector128.LoadUnsafe(ref v, i + 6);
        }
        return AddHalves(lane0, lane1, lane2, lane3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<double> Difference(ref float left, ref float right, nuint i) => Widen(ref left, i) - Widen(ref right, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<double> Widen(ref float numbers, nuint i) =>
        Vector128.WidenLower(Vector64.LoadUnsafe(ref numbers, i).ToVector128Unsafe());

    static double AddHalves(Vector128<double> a, Vector128<double> b, Vector128<double> c, Vector128<double> d)
    {
        Vector128<double> two = (a + c) + (b + d);
        return two.GetElement(0) + two.GetElement(1);
    }
}
