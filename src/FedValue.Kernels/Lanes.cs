using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// Sums inside one tile. Element i goes to lane i mod 8; a lane is acc = acc + a*b (a product rounded, then a sum rounded: never fused, so
/// that machines without FMA give the same bits at the same speed); the eight lanes are added by halves: ((l0+l4)+(l2+l6)) +
/// ((l1+l5)+(l3+l7)). Eight lanes are one 512-bit vector, two of 256 or four of 128, whatever the machine has. Lengths are multiples of 8;
/// callers pad with zeros. Accumulators are separate locals, because an array would live in memory.
/// </summary>
static class Lanes
{
    /// <summary>left (m) . right (m).</summary>
    [MethodImpl(Compiled.ByItself)]
    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Debug.Assert(left.Length % 8 == 0);
        ref double a = ref MemoryMarshal.GetReference(left);
        ref double b = ref MemoryMarshal.GetReference(right[..left.Length]);
        Vector512<double> lanes = default;
        for (nuint i = 0; i < (nuint)left.Length; i += 8)
            lanes += Vector512.LoadUnsafe(ref a, i) * Vector512.LoadUnsafe(ref b, i);
        return AddHalves(lanes);
    }

    /// <summary>
    /// One reading of the rows: sum (m) += sum_r coefficients[r] * row r, in the order of the rows; squares[r] += ||row r||^2;
    /// products[r] += row r . vector (m).
    /// </summary>
    [MethodImpl(Compiled.ByItself)]
    public static void Gather(
        in FourRows rows, ReadOnlySpan<double> coefficients, Span<double> sum, Span<double> squares,
        ReadOnlySpan<double> vector, Span<double> products)
    {
        Debug.Assert(rows.Origin.Length % 8 == 0);
        if (Vector128.IsHardwareAccelerated && !Vector256.IsHardwareAccelerated)
        {
            NarrowLanes.Gather(rows, coefficients, sum, squares, vector, products);
            return;
        }
        int count = rows.Count;
        coefficients = coefficients[..count];
        ref float o = ref MemoryMarshal.GetReference(rows.Origin);
        ref float a = ref MemoryMarshal.GetReference(rows.A);
        ref float b = ref MemoryMarshal.GetReference(rows.B);
        ref float c = ref MemoryMarshal.GetReference(rows.C);
        ref float d = ref MemoryMarshal.GetReference(rows.D);
        ref double s = ref MemoryMarshal.GetReference(sum[..rows.Origin.Length]);
        ref double v = ref MemoryMarshal.GetReference(vector[..rows.Origin.Length]);
        var weightA = Vector512.Create(coefficients[0]);
        var weightB = Vector512.Create(count > 1 ? coefficients[1] : 0);
        var weightC = Vector512.Create(count > 2 ? coefficients[2] : 0);
        var weightD = Vector512.Create(count > 3 ? coefficients[3] : 0);
        Vector512<double> squareA = default, squareB = default, squareC = default, squareD = default;
        Vector512<double> productA = default, productB = default, productC = default, productD = default;
        for (nuint i = 0; i < (nuint)rows.Origin.Length; i += 8)
        {
            if ((i & 8) == 0)
            {
                Prefetch.Line(ref a, i + Prefetch.Ahead);
                Prefetch.Line(ref b, i + Prefetch.Ahead);
                Prefetch.Line(ref c, i + Prefetch.Ahead);
                Prefetch.Line(ref d, i + Prefetch.Ahead);
            }
            Vector512<double> origin = Widen(ref o, i), total = Vector512.LoadUnsafe(ref s, i), other = Vector512.LoadUnsafe(ref v, i);
            Vector512<double> rowA = Widen(ref a, i) - origin, rowB = Widen(ref b, i) - origin;
            Vector512<double> rowC = Widen(ref c, i) - origin, rowD = Widen(ref d, i) - origin;
            squareA += rowA * rowA;
            squareB += rowB * rowB;
            squareC += rowC * rowC;
            squareD += rowD * rowD;
            productA += rowA * other;
            productB += rowB * other;
            productC += rowC * other;
            productD += rowD * other;
            total += weightA * rowA;
            if (count > 1) // a row that is not there adds nothing, not 0 * row, which is NaN for an infinite one
                total += weightB * rowB;
            if (count > 2)
                total += weightC * rowC;
            if (count > 3)
                total += weightD * rowD;
            total.StoreUnsafe(ref s, i);
        }
        AddTo(squares, count, squareA, squareB, squareC, squareD);
        AddTo(products, count, productA, productB, productC, productD);
    }

    /// <summary>products[r] += row r . vector (m).</summary>
    [MethodImpl(Compiled.ByItself)]
    public static void Project(in FourRows rows, ReadOnlySpan<double> vector, Span<double> products)
    {
        Debug.Assert(rows.Origin.Length % 8 == 0);
        if (Vector128.IsHardwareAccelerated && !Vector256.IsHardwareAccelerated)
        {
            NarrowLanes.Project(rows, vector, products);
            return;
        }
        ref float o = ref MemoryMarshal.GetReference(rows.Origin);
        ref float a = ref MemoryMarshal.GetReference(rows.A);
        ref float b = ref MemoryMarshal.GetReference(rows.B);
        ref float c = ref MemoryMarshal.GetReference(rows.C);
        ref float d = ref MemoryMarshal.GetReference(rows.D);
        ref double v = ref MemoryMarshal.GetReference(vector[..rows.Origin.Length]);
        Vector512<double> productA = default, productB = default, productC = default, productD = default;
        for (nuint i = 0; i < (nuint)rows.Origin.Length; i += 8)
        {
            if ((i & 8) == 0)
            {
                Prefetch.Line(ref a, i + Prefetch.Ahead);
                Prefetch.Line(ref b, i + Prefetch.Ahead);
            }
            else
            {
                Prefetch.Line(ref c, i + Prefetch.Ahead);
                Prefetch.Line(ref d, i + Prefetch.Ahead);
            }
            Vector512<double> origin = Widen(ref o, i), other = Vector512.LoadUnsafe(ref v, i);
            productA += (Widen(ref a, i) - origin) * other;
            productB += (Widen(ref b, i) - origin) * other;
            productC += (Widen(ref c, i) - origin) * other;
            productD += (Widen(ref d, i) - origin) * other;
        }
        AddTo(products, rows.Count, productA, productB, productC, productD);
    }

    /// <summary>((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double AddHalves(Vector512<double> lanes)
    {
        Vector256<double> four = lanes.GetLower() + lanes.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two.GetElement(0) + two.GetElement(1);
    }

    static void AddTo(
        Span<double> sums, int count, Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d)
    {
        sums[0] += AddHalves(a);
        if (count > 1)
            sums[1] += AddHalves(b);
        if (count > 2)
            sums[2] += AddHalves(c);
        if (count > 3)
            sums[3] += AddHalves(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<double> Widen(ref float numbers, nuint i) =>
        Vector512.WidenLower(Vector256.LoadUnsafe(ref numbers, i).ToVector512Unsafe());
}
