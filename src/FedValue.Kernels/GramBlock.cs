using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// The inner products of four rows with four others: 16 of them, each with the eight lanes of <see cref="Lanes"/>. The lanes are kept in
/// memory (16 x 8, products row by row) from one stretch of columns to the next, so that a tile may be walked in stretches that fit the
/// cache and still give the bits of the whole.
/// </summary>
static class GramBlock
{
    public const int LanesLength = 4 * 4 * TileSchedule.Lanes;

    /// <summary>lanes += what the given columns contribute; both sides are 4 rows that lie so many doubles apart.</summary>
    public static void Add(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int stride, int columns, Span<double> lanes)
    {
        ref double a = ref MemoryMarshal.GetReference(left[..(3 * stride + columns)]);
        ref double b = ref MemoryMarshal.GetReference(right[..(3 * stride + columns)]);
        ref double sums = ref MemoryMarshal.GetReference(lanes[..LanesLength]);
        if (Vector512.IsHardwareAccelerated)
        {
            Add4X4(ref a, ref b, (nuint)stride, (nuint)columns, ref sums);
            return;
        }
        if (Vector128.IsHardwareAccelerated && !Vector256.IsHardwareAccelerated)
        {
            for (int product = 0; product < 16; product += 2)
            {
                Add1X2(
                    ref Unsafe.Add(ref a, product / 4 * stride), ref Unsafe.Add(ref b, product % 4 * stride), (nuint)stride, (nuint)columns,
                    ref Unsafe.Add(ref sums, product * TileSchedule.Lanes));
            }
            return;
        }
        for (int i = 0; i < 4; i += 2)
        {
            for (int j = 0; j < 4; j += 2)
                Add2X2(
                    ref Unsafe.Add(ref a, i * stride), ref Unsafe.Add(ref b, j * stride), (nuint)stride, (nuint)columns,
                    ref Unsafe.Add(ref sums, (4 * i + j) * TileSchedule.Lanes));
        }
    }

    [MethodImpl(Compiled.ByItself)]
    static void Add4X4(ref double a0, ref double b0, nuint stride, nuint columns, ref double lanes)
    {
        ref double a1 = ref Unsafe.Add(ref a0, stride), a2 = ref Unsafe.Add(ref a1, stride), a3 = ref Unsafe.Add(ref a2, stride);
        ref double b1 = ref Unsafe.Add(ref b0, stride), b2 = ref Unsafe.Add(ref b1, stride), b3 = ref Unsafe.Add(ref b2, stride);
        Vector512<double> s00 = Vector512.LoadUnsafe(ref lanes), s01 = Vector512.LoadUnsafe(ref lanes, 8);
        Vector512<double> s02 = Vector512.LoadUnsafe(ref lanes, 16), s03 = Vector512.LoadUnsafe(ref lanes, 24);
        Vector512<double> s10 = Vector512.LoadUnsafe(ref lanes, 32), s11 = Vector512.LoadUnsafe(ref lanes, 40);
        Vector512<double> s12 = Vector512.LoadUnsafe(ref lanes, 48), s13 = Vector512.LoadUnsafe(ref lanes, 56);
        Vector512<double> s20 = Vector512.LoadUnsafe(ref lanes, 64), s21 = Vector512.LoadUnsafe(ref lanes, 72);
        Vector512<double> s22 = Vector512.LoadUnsafe(ref lanes, 80), s23 = Vector512.LoadUnsafe(ref lanes, 88);
        Vector512<double> s30 = Vector512.LoadUnsafe(ref lanes, 96), s31 = Vector512.LoadUnsafe(ref lanes, 104);
        Vector512<double> s32 = Vector512.LoadUnsafe(ref lanes, 112), s33 = Vector512.LoadUnsafe(ref lanes, 120);
        for (nuint i = 0; i < columns; i += 8)
        {
            Vector512<double> x0 = Vector512.LoadUnsafe(ref a0, i), x1 = Vector512.LoadUnsafe(ref a1, i);
            Vector512<double> x2 = Vector512.LoadUnsafe(ref a2, i), x3 = Vector512.LoadUnsafe(ref a3, i);
            Vector512<double> y = Vector512.LoadUnsafe(ref b0, i);
            s00 += x0 * y;
            s10 += x1 * y;
            s20 += x2 * y;
            s30 += x3 * y;
            y = Vector512.LoadUnsafe(ref b1, i);
            s01 += x0 * y;
            s11 += x1 * y;
            s21 += x2 * y;
            s31 += x3 * y;
            y = Vector512.LoadUnsafe(ref b2, i);
            s02 += x0 * y;
            s12 += x1 * y;
            s22 += x2 * y;
            s32 += x3 * y;
            y = Vector512.LoadUnsafe(ref b3, i);
            s03 += x0 * y;
            s13 += x1 * y;
            s23 += x2 * y;
            s33 += x3 * y;
        }
        s00.StoreUnsafe(ref lanes);
        s01.StoreUnsafe(ref lanes, 8);
        s02.StoreUnsafe(ref lanes, 16);
        s03.StoreUnsafe(ref lanes, 24);
        s10.StoreUnsafe(ref lanes, 32);
        s11.StoreUnsafe(ref lanes, 40);
        s12.StoreUnsafe(ref lanes, 48);
        s13.StoreUnsafe(ref lanes, 56);
        s20.StoreUnsafe(ref lanes, 64);
        s21.StoreUnsafe(ref lanes, 72);
        s22.StoreUnsafe(ref lanes, 80);
        s23.StoreUnsafe(ref lanes, 88);
        s30.StoreUnsafe(ref lanes, 96);
        s31.StoreUnsafe(ref lanes, 104);
        s32.StoreUnsafe(ref lanes, 112);
        s33.StoreUnsafe(ref lanes, 120);
    }

    /// <summary>A quarter of the block, for machines with 16 vector registers: eight accumulators of 256 bits.</summary>
    [MethodImpl(Compiled.ByItself)]
    static void Add2X2(ref double a0, ref double b0, nuint stride, nuint columns, ref double lanes)
    {
        ref double a1 = ref Unsafe.Add(ref a0, stride), b1 = ref Unsafe.Add(ref b0, stride);
        ref double next = ref Unsafe.Add(ref lanes, 4 * TileSchedule.Lanes);
        Vector256<double> low00 = Vector256.LoadUnsafe(ref lanes), high00 = Vector256.LoadUnsafe(ref lanes, 4);
        Vector256<double> low01 = Vector256.LoadUnsafe(ref lanes, 8), high01 = Vector256.LoadUnsafe(ref lanes, 12);
        Vector256<double> low10 = Vector256.LoadUnsafe(ref next), high10 = Vector256.LoadUnsafe(ref next, 4);
        Vector256<double> low11 = Vector256.LoadUnsafe(ref next, 8), high11 = Vector256.LoadUnsafe(ref next, 12);
        for (nuint i = 0; i < columns; i += 8)
        {
            Vector256<double> y0 = Vector256.LoadUnsafe(ref b0, i), y1 = Vector256.LoadUnsafe(ref b1, i);
            Vector256<double> x = Vector256.LoadUnsafe(ref a0, i);
            low00 += x * y0;
            low01 += x * y1;
            x = Vector256.LoadUnsafe(ref a1, i);
            low10 += x * y0;
            low11 += x * y1;
            y0 = Vector256.LoadUnsafe(ref b0, i + 4);
            y1 = Vector256.LoadUnsafe(ref b1, i + 4);
            x = Vector256.LoadUnsafe(ref a0, i + 4);
            high00 += x * y0;
            high01 += x * y1;
            x = Vector256.LoadUnsafe(ref a1, i + 4);
            high10 += x * y0;
            high11 += x * y1;
        }
        low00.StoreUnsafe(ref lanes);
        high00.StoreUnsafe(ref lanes, 4);
        low01.StoreUnsafe(ref lanes, 8);
        high01.StoreUnsafe(ref lanes, 12);
        low10.StoreUnsafe(ref next);
        high10.StoreUnsafe(ref next, 4);
        low11.StoreUnsafe(ref next, 8);
        high11.StoreUnsafe(ref next, 12);
    }

    /// <summary>An eighth of the block, for vectors of two doubles: the lanes of one row's products with two others.</summary>
    [MethodImpl(Compiled.ByItself)]
    static void Add1X2(ref double a, ref double b0, nuint stride, nuint columns, ref double lanes)
    {
        ref double b1 = ref Unsafe.Add(ref b0, stride);
        Vector128<double> s0 = Vector128.LoadUnsafe(ref lanes), s1 = Vector128.LoadUnsafe(ref lanes, 2);
        Vector128<double> s2 = Vector128.LoadUnsafe(ref lanes, 4), s3 = Vector128.LoadUnsafe(ref lanes, 6);
        Vector128<double> t0 = Vector128.LoadUnsafe(ref lanes, 8), t1 = Vector128.LoadUnsafe(ref lanes, 10);
        Vector128<double> t2 = Vector128.LoadUnsafe(ref lanes, 12), t3 = Vector128.LoadUnsafe(ref lanes, 14);
        for (nuint i = 0; i < columns; i += 8)
        {
            Vector128<double> x = Vector128.LoadUnsafe(ref a, i);
            s0 += x * Vector128.LoadUnsafe(ref b0, i);
            t0 += x * Vector128.LoadUnsafe(ref b1, i);
            x = Vector128.LoadUnsafe(ref a, i + 2);
            s1 += x * Vector128.LoadUnsafe(ref b0, i + 2);
            t1 += x * Vector128.LoadUnsafe(ref b1, i + 2);
            x = Vector128.LoadUnsafe(ref a, i + 4);
            s2 += x * Vector128.LoadUnsafe(ref b0, i + 4);
            t2 += x * Vector128.LoadUnsafe(ref b1, i + 4);
            x = Vector128.LoadUnsafe(ref a, i + 6);
            s3 += x * Vector128.LoadUnsafe(ref b0, i + 6);
            t3 += x * Vector128.LoadUnsafe(ref b1, i + 6);
        }
        s0.StoreUnsafe(ref lanes);
        s1.StoreUnsafe(ref lanes, 2);
        s2.StoreUnsafe(ref lanes, 4);
        s3.StoreUnsafe(ref lanes, 6);
        t0.StoreUnsafe(ref lanes, 8);
        t1.StoreUnsafe(ref lanes, 10);
        t2.StoreUnsafe(ref lanes, 12);
        t3.StoreUnsafe(ref lanes, 14);
    }
}
