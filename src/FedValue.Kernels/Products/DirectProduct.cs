using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>C += A B where the matrices lie: for small ones, whose packing would cost more than it gains.</summary>
static class DirectProduct
{
    const int RowBlock = 4;
    const int Padded = 16;

    /// <summary>C += A B, every element one chain of fused multiply-adds in ascending k.</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        if (n % 8 != 0 && m >= RowBlock && k >= RowBlock)
        {
            int whole = n & -Padded;
            LastColumns(a, strideA, b[whole..], strideB, c[whole..], strideC, m, k, n - whole);
            n = whole;
        }
        ref float pa = ref MemoryMarshal.GetReference(a);
        ref float pb = ref MemoryMarshal.GetReference(b);
        ref float pc = ref MemoryMarshal.GetReference(c);
        int row = 0;
        for (; row <= m - RowBlock; row += RowBlock)
        {
            int column = 0;
            for (; column <= n - 32 && Vector512.IsHardwareAccelerated; column += 32)
                Block4X32(ref Unsafe.Add(ref pa, row * strideA), strideA, ref Unsafe.Add(ref pb, column), strideB,
                    ref Unsafe.Add(ref pc, row * strideC + column), strideC, k);
            for (; column <= n - 16; column += 16)
                Block4X16(ref Unsafe.Add(ref pa, row * strideA), strideA, ref Unsafe.Add(ref pb, column), strideB,
                    ref Unsafe.Add(ref pc, row * strideC + column), strideC, k);
            for (int r = row; r < row + RowBlock; r++)
                RowTail(ref pa, r * strideA, ref pb, strideB, ref pc, r * strideC, column, k, n);
        }
        for (; row < m; row++)
            RowTail(ref pa, row * strideA, ref pb, strideB, ref pc, row * strideC, 0, k, n);
    }

    /// <summary>Fewer than 16 columns, computed in 16 aside: element by element they would take several times as long.</summary>
    static void LastColumns(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        using AlignedBuffer besideB = new(k * Padded), besideC = new(m * Padded);
        Span<float> wideB = besideB.AsSpan(0, k * Padded), wideC = besideC.AsSpan(0, m * Padded);
        Packing.PanelOfB(b, strideB, k, n, Padded, wideB);
        Packing.PanelOfB(c, strideC, m, n, Padded, wideC);
        MultiplyAdd(a, strideA, wideB, Padded, wideC, Padded, m, k, Padded);
        for (int r = 0; r < m; r++)
            wideC.Slice(r * Padded, n).CopyTo(c[(r * strideC)..]);
    }

    /// <summary>A block of 4 rows x 16 columns in eight accumulators: separate locals, as an array would live in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block4X16(ref float a, int strideA, ref float b, int strideB, ref float c, int strideC, int k)
    {
        ref float c1 = ref Unsafe.Add(ref c, strideC);
        ref float c2 = ref Unsafe.Add(ref c1, strideC);
        ref float c3 = ref Unsafe.Add(ref c2, strideC);
        Vector256<float> s00 = Vector256.LoadUnsafe(ref c), s01 = Vector256.LoadUnsafe(ref c, 8);
        Vector256<float> s10 = Vector256.LoadUnsafe(ref c1), s11 = Vector256.LoadUnsafe(ref c1, 8);
        Vector256<float> s20 = Vector256.LoadUnsafe(ref c2), s21 = Vector256.LoadUnsafe(ref c2, 8);
        Vector256<float> s30 = Vector256.LoadUnsafe(ref c3), s31 = Vector256.LoadUnsafe(ref c3, 8);
        ref float a1 = ref Unsafe.Add(ref a, strideA);
        ref float a2 = ref Unsafe.Add(ref a1, strideA);
        ref float a3 = ref Unsafe.Add(ref a2, strideA);
        nuint row = 0; // an offset, not a moving reference: that would end outside B, where the garbage collector must not find it
        for (int i = 0; i < k; i++, row += (nuint)strideB)
        {
            Vector256<float> b0 = Vector256.LoadUnsafe(ref b, row), b1 = Vector256.LoadUnsafe(ref b, row + 8);
            var x = Vector256.Create(Unsafe.Add(ref a, i));
            s00 = Vector256.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector256.FusedMultiplyAdd(x, b1, s01);
            x = Vector256.Create(Unsafe.Add(ref a1, i));
            s10 = Vector256.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector256.FusedMultiplyAdd(x, b1, s11);
            x = Vector256.Create(Unsafe.Add(ref a2, i));
            s20 = Vector256.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector256.FusedMultiplyAdd(x, b1, s21);
            x = Vector256.Create(Unsafe.Add(ref a3, i));
            s30 = Vector256.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector256.FusedMultiplyAdd(x, b1, s31);
        }
        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, 8);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, 8);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, 8);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, 8);
    }

    /// <summary>The same for 32 columns, where vectors are twice as wide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Block4X32(ref float a, int strideA, ref float b, int strideB, ref float c, int strideC, int k)
    {
        ref float c1 = ref Unsafe.Add(ref c, strideC);
        ref float c2 = ref Unsafe.Add(ref c1, strideC);
        ref float c3 = ref Unsafe.Add(ref c2, strideC);
        Vector512<float> s00 = Vector512.LoadUnsafe(ref c), s01 = Vector512.LoadUnsafe(ref c, 16);
        Vector512<float> s10 = Vector512.LoadUnsafe(ref c1), s11 = Vector512.LoadUnsafe(ref c1, 16);
        Vector512<float> s20 = Vector512.LoadUnsafe(ref c2), s21 = Vector512.LoadUnsafe(ref c2, 16);
        Vector512<float> s30 = Vector512.LoadUnsafe(ref c3), s31 = Vector512.LoadUnsafe(ref c3, 16);
        ref float a1 = ref Unsafe.Add(ref a, strideA);
        ref float a2 = ref Unsafe.Add(ref a1, strideA);
        ref float a3 = ref Unsafe.Add(ref a2, strideA);
        nuint row = 0; // an offset, not a moving reference: that would end outside B, where the garbage collector must not find it
        for (int i = 0; i < k; i++, row += (nuint)strideB)
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref b, row), b1 = Vector512.LoadUnsafe(ref b, row + 16);
            var x = Vector512.Create(Unsafe.Add(ref a, i));
            s00 = Vector512.FusedMultiplyAdd(x, b0, s00);
            s01 = Vector512.FusedMultiplyAdd(x, b1, s01);
            x = Vector512.Create(Unsafe.Add(ref a1, i));
            s10 = Vector512.FusedMultiplyAdd(x, b0, s10);
            s11 = Vector512.FusedMultiplyAdd(x, b1, s11);
            x = Vector512.Create(Unsafe.Add(ref a2, i));
            s20 = Vector512.FusedMultiplyAdd(x, b0, s20);
            s21 = Vector512.FusedMultiplyAdd(x, b1, s21);
            x = Vector512.Create(Unsafe.Add(ref a3, i));
            s30 = Vector512.FusedMultiplyAdd(x, b0, s30);
            s31 = Vector512.FusedMultiplyAdd(x, b1, s31);
        }
        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, 16);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, 16);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, 16);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, 16);
    }

    /// <summary>Columns column .. n - 1 of one row: 32, then eight, then one at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RowTail(ref float a, int rowA, ref float b, int strideB, ref float c, int rowC, int column, int k, int n)
    {
        for (; column <= n - 32; column += 32)
        {
            ref float to = ref Unsafe.Add(ref c, rowC + column);
            Vector256<float> s0 = Vector256.LoadUnsafe(ref to), s1 = Vector256.LoadUnsafe(ref to, 8);
            Vector256<float> s2 = Vector256.LoadUnsafe(ref to, 16), s3 = Vector256.LoadUnsafe(ref to, 24);
            for (int i = 0; i < k; i++)
            {
                var x = Vector256.Create(Unsafe.Add(ref a, rowA + i));
                ref float from = ref Unsafe.Add(ref b, i * strideB + column);
                s0 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref from), s0);
                s1 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref from, 8), s1);
                s2 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref from, 16), s2);
                s3 = Vector256.FusedMultiplyAdd(x, Vector256.LoadUnsafe(ref from, 24), s3);
            }
            s0.StoreUnsafe(ref to);
            s1.StoreUnsafe(ref to, 8);
            s2.StoreUnsafe(ref to, 16);
            s3.StoreUnsafe(ref to, 24);
        }
        for (; column <= n - 8; column += 8)
        {
            Vector256<float> sum = Vector256.LoadUnsafe(ref c, (nuint)(rowC + column));
            for (int i = 0; i < k; i++)
                sum = Vector256.FusedMultiplyAdd(
                    Vector256.Create(Unsafe.Add(ref a, rowA + i)), Vector256.LoadUnsafe(ref b, (nuint)(i * strideB + column)), sum);
            sum.StoreUnsafe(ref c, (nuint)(rowC + column));
        }
        for (; column < n; column++)
        {
            float sum = Unsafe.Add(ref c, rowC + column);
            for (int i = 0; i < k; i++)
                sum = float.FusedMultiplyAdd(Unsafe.Add(ref a, rowA + i), Unsafe.Add(ref b, i * strideB + column), sum);
            Unsafe.Add(ref c, rowC + column) = sum;
        }
    }
}
