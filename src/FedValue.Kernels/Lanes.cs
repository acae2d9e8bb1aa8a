using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// Inner products inside one tile. Element i goes to lane i mod 8; a lane is acc = acc + a*b (a product rounded, then a sum rounded: never
/// fused, so that machines without FMA give the same bits at the same speed); the eight lanes are added by halves:
/// ((l0+l4)+(l2+l6)) + ((l1+l5)+(l3+l7)). Lengths are multiples of 8; callers pad with zeros.
/// </summary>
static class Lanes
{
    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Debug.Assert(left.Length % 8 == 0);
        ref double a = ref MemoryMarshal.GetReference(left);
        ref double b = ref MemoryMarshal.GetReference(right[..left.Length]);
        Vector256<double> low = default, high = default; // lanes 0-3 and 4-7
        for (int i = 0; i < left.Length; i += 8)
        {
            low += Vector256.LoadUnsafe(ref a, (nuint)i) * Vector256.LoadUnsafe(ref b, (nuint)i);
            high += Vector256.LoadUnsafe(ref a, (nuint)i + 4) * Vector256.LoadUnsafe(ref b, (nuint)i + 4);
        }
        return AddHalves(low + high);
    }

    /// <summary>Four inner products at once, each with the bits of <see cref="Dot"/>: every loaded vector is used twice.</summary>
    public static (double AC, double AD, double BC, double BD) Dot2X2(
        ReadOnlySpan<double> rowA, ReadOnlySpan<double> rowB, ReadOnlySpan<double> rowC, ReadOnlySpan<double> rowD)
    {
        int length = rowA.Length;
        Debug.Assert(length % 8 == 0);
        ref double a = ref MemoryMarshal.GetReference(rowA);
        ref double b = ref MemoryMarshal.GetReference(rowB[..length]);
        ref double c = ref MemoryMarshal.GetReference(rowC[..length]);
        ref double d = ref MemoryMarshal.GetReference(rowD[..length]);
        Vector256<double> acLow = default, acHigh = default, adLow = default, adHigh = default;
        Vector256<double> bcLow = default, bcHigh = default, bdLow = default, bdHigh = default;
        for (int i = 0; i < length; i += 8)
        {
            Vector256<double> cLow = Vector256.LoadUnsafe(ref c, (nuint)i), cHigh = Vector256.LoadUnsafe(ref c, (nuint)i + 4);
            Vector256<double> dLow = Vector256.LoadUnsafe(ref d, (nuint)i), dHigh = Vector256.LoadUnsafe(ref d, (nuint)i + 4);
            Vector256<double> low = Vector256.LoadUnsafe(ref a, (nuint)i), high = Vector256.LoadUnsafe(ref a, (nuint)i + 4);
            acLow += low * cLow;
            acHigh += high * cHigh;
            adLow += low * dLow;
            adHigh += high * dHigh;
            low = Vector256.LoadUnsafe(ref b, (nuint)i);
            high = Vector256.LoadUnsafe(ref b, (nuint)i + 4);
            bcLow += low * cLow;
            bcHigh += high * cHigh;
            bdLow += low * dLow;
            bdHigh += high * dHigh;
        }
        return (AddHalves(acLow + acHigh), AddHalves(adLow + adHigh), AddHalves(bcLow + bcHigh), AddHalves(bdLow + bdHigh));
    }

    /// <summary>sum[i] = sum[i] + factor * row[i], product and sum rounded separately.</summary>
    public static void AddScaled(double factor, ReadOnlySpan<double> row, Span<double> sum)
    {
        Debug.Assert(row.Length % 8 == 0);
        ref double x = ref MemoryMarshal.GetReference(row);
        ref double y = ref MemoryMarshal.GetReference(sum[..row.Length]);
        var factors = Vector256.Create(factor);
        for (int i = 0; i < row.Length; i += 4)
            (Vector256.LoadUnsafe(ref y, (nuint)i) + factors * Vector256.LoadUnsafe(ref x, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
    }

    static double AddHalves(Vector256<double> lanes)
    {
        Vector128<double> two = lanes.GetLower() + lanes.GetUpper();
        return two.GetElement(0) + two.GetElement(1);
    }
}
