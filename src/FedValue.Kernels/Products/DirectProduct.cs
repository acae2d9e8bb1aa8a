using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>C += A B where the matrices lie: for those whose packing would cost more than it gains.</summary>
static class DirectProduct
{
    const int RowBlock = 4, TallBlock = 8;
    const int Padded = 16;

    /// <summary>C += A B, or C = A B where C is fresh; every element is one chain of fused multiply-adds in ascending k.</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n,
        bool fresh = false)
    {
        if (n % 8 != 0 && m >= RowBlock && k >= RowBlock)
        {
            int whole = n & -Padded;
            LastColumns(a, strideA, b[whole..], strideB, c[whole..], strideC, m, k, n - whole, fresh);
            n = whole;
        }
        ref float pa = ref MemoryMarshal.GetReference(a);
        ref float pb = ref MemoryMarshal.GetReference(b);
        ref float pc = ref MemoryMarshal.GetReference(c);
        for (int row = 0; row < m; row += TallBlock)
        {
            int end = Math.Min(m, row + TallBlock), wide = 0;
            for (; wide <= n - 32 && Vector512.IsHardwareAccelerated; wide += 32)
                Block8X32(ref Unsafe.Add(ref pa, row * strideA), strideA, ref Unsafe.Add(ref pb, wide), strideB,
                    ref Unsafe.Add(ref pc, row * strideC + wide), strideC, k, end - row, fresh);
            for (int r = row; r < end && fresh; r++)
                c.Slice(r * strideC + wide, n - wide).Clear();
            int column = wide;
            for (; column <= n - 16; column += 16)
            {
                for (int r = row; r < end; r += RowBlock)
                    Block4X16(ref Unsafe.Add(ref pa, r * strideA), strideA, ref Unsafe.Add(ref pb, column), strideB,
                        ref Unsafe.Add(ref pc, r * strideC + column), strideC, k, end - r);
            }
            for (int r = row; r < end; r++)
                RowTail(ref pa, r * strideA, ref pb, strideB, ref pc, r * strideC, column, k, n);
        }
    }

    /// <summary>Fewer than 16 columns, computed in 16 aside: element by element they would take several times as long.</summary>
    static void LastColumns(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n, bool fresh)
    {
        using AlignedBuffer besideB = new(k * Padded), besideC = new(m * Padded);
        Span<float> wideB = besideB.AsSpan(0, k * Padded), wideC = besideC.AsSpan(0, m * Padded);
        Packing.PanelOfB(b, strideB, k, n, Padded, wideB);
        Packing.PanelOfB(c, strideC, m, n, Padded, wideC);
        MultiplyAdd(a, strideA, wideB, Padded, wideC, Padded, m, k, Padded, fresh);
        for (int r = 0; r < m; r++)
            wideC.Slice(r * Padded, n).CopyTo(c[(r * strideC)..]);
    }

    /// <summary>
    /// A block of up to 4 rows x 16 columns in eight accumulators: separate locals, as an array would live in memory. Where there are fewer
    /// rows, the last one is computed several times over, with the same bits each time: what C held is read before anything is written.
    /// </summary>
    [MethodImpl(Compiled.ByItself)]
    static void Block4X16(ref float a, int strideA, ref float b, int strideB, ref float c, int strideC, int k, int rows)
    {
        ref float c1 = ref Unsafe.Add(ref c, rows > 1 ? strideC : 0);
        ref float c2 = ref Unsafe.Add(ref c1, rows > 2 ? strideC : 0);
        ref float c3 = ref Unsafe.Add(ref c2, rows > 3 ? strideC : 0);
        Vector256<float> s00 = Vector256.LoadUnsafe(ref c), s01 = Vector256.LoadUnsafe(ref c, 8);
        Vector256<float> s10 = Vector256.LoadUnsafe(ref c1), s11 = Vector256.LoadUnsafe(ref c1, 8);
        Vector256<float> s20 = Vector256.LoadUnsafe(ref c2), s21 = Vector256.LoadUnsafe(ref c2, 8);
        Vector256<float> s30 = Vector256.LoadUnsafe(ref c3), s31 = Vector256.LoadUnsafe(ref c3, 8);
        ref float a1 = ref Unsafe.Add(ref a, rows > 1 ? strideA : 0);
        ref float a2 = ref Unsafe.Add(ref a1, rows > 2 ? strideA : 0);
        ref float a3 = ref Unsafe.Add(ref a2, rows > 3 ? strideA : 0);
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

    /// <summary>
    /// The same for up to 8 rows x 32 columns, where vectors are twice as wide: sixteen accumulators, so that none waits for its last product.
    /// </summary>
    [MethodImpl(Compiled.ByItself)]
    static void Block8X32(ref float a, int strideA, ref float b, int strideB, ref float c, int strideC, int k, int rows, bool fresh)
    {
        ref float c1 = ref Unsafe.Add(ref c, rows > 1 ? strideC : 0);
        ref float c2 = ref Unsafe.Add(ref c1, rows > 2 ? strideC : 0);
        ref float c3 = ref Unsafe.Add(ref c2, rows > 3 ? strideC : 0);
        ref float c4 = ref Unsafe.Add(ref c3, rows > 4 ? strideC : 0);
        ref float c5 = ref Unsafe.Add(ref c4, rows > 5 ? strideC : 0);
        ref float c6 = ref Unsafe.Add(ref c5, rows > 6 ? strideC : 0);
        ref float c7 = ref Unsafe.Add(ref c6, rows > 7 ? strideC : 0);
        Vector512<float> s00 = default, s01 = default;
        Vector512<float> s10 = default, s11 = default;
        Vector512<float> s20 = default, s21 = default;
        Vector512<float> s30 = default, s31 = default;
        Vector512<float> s40 = default, s41 = default;
        Vector512<float> s50 = default, s51 = default;
        Vector512<float> s60 = default, s61 = default;
        Vector512<float> s70 = default, s71 = default;
        if (!fresh)
        {
            s00 = Vector512.LoadUnsafe(ref c);
            s01 = Vector512.LoadUnsafe(ref c, 16);
            s10 = Vector512.LoadUnsafe(ref c1);
            s11 = Vector512.LoadUnsafe(ref c1, 16);
            s20 = Vector512.LoadUnsafe(ref c2);
            s21 = Vector512.LoadUnsafe(ref c2, 16);
            s30 = Vector512.LoadUnsafe(ref c3);
            s31 = Vector512.LoadUnsafe(ref c3, 16);
            s40 = Vector512.LoadUnsafe(ref c4);
            s41 = Vector512.LoadUnsafe(ref c4, 16);
            s50 = Vector512.LoadUnsafe(ref c5);
            s51 = Vector512.LoadUnsafe(ref c5, 16);
            s60 = Vector512.LoadUnsafe(ref c6);
            s61 = Vector512.LoadUnsafe(ref c6, 16);
            s70 = Vector512.LoadUnsafe(ref c7);
            s71 = Vector512.LoadUnsafe(ref c7, 16);
        }
        ref float a1 = ref Unsafe.Add(ref a, rows > 1 ? strideA : 0);
        ref float a2 = ref Unsafe.Add(ref a1, rows > 2 ? strideA : 0);
        ref float a3 = ref Unsafe.Add(ref a2, rows > 3 ? strideA : 0);
        ref float a4 = ref Unsafe.Add(ref a3, rows > 4 ? strideA : 0);
        ref float a5 = ref Unsafe.Add(ref a4, rows > 5 ? strideA : 0);
        ref float a6 = ref Unsafe.Add(ref a5, rows > 6 ? strideA : 0);
        ref float a7 = ref Unsafe.Add(ref a6, rows > 7 ? strideA : 0);
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
            x = Vector512.Create(Unsafe.Add(ref a4, i));
            s40 = Vector512.FusedMultiplyAdd(x, b0, s40);
            s41 = Vector512.FusedMultiplyAdd(x, b1, s41);
            x = Vector512.Create(Unsafe.Add(ref a5, i));
            s50 = Vector512.FusedMultiplyAdd(x, b0, s50);
            s51 = Vector512.FusedMultiplyAdd(x, b1, s51);
            x = Vector512.Create(Unsafe.Add(ref a6, i));
            s60 = Vector512.FusedMultiplyAdd(x, b0, s60);
            s61 = Vector512.FusedMultiplyAdd(x, b1, s61);
            x = Vector512.Create(Unsafe.Add(ref a7, i));
            s70 = Vector512.FusedMultiplyAdd(x, b0, s70);
            s71 = Vector512.FusedMultiplyAdd(x, b1, s71);
        }
        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, 16);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, 16);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, 16);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, 16);
        s40.StoreUnsafe(ref c4);
        s41.StoreUnsafe(ref c4, 16);
        s50.StoreUnsafe(ref c5);
        s51.StoreUnsafe(ref c5, 16);
        s60.StoreUnsafe(ref c6);
        s61.StoreUnsafe(ref c6, 16);
        s70.StoreUnsafe(ref c7);
        s71.StoreUnsafe(ref c7, 16);
    }

    /// <summary>Columns column .. n - 1 of one row: eight, then one at a time.</summary>
    [MethodImpl(Compiled.ByItself)]
    static void RowTail(ref float a, int rowA, ref float b, int strideB, ref float c, int rowC, int column, int k, int n)
    {
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
