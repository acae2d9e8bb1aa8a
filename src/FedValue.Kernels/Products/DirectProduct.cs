using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>C += A B where the matrices lie: for small ones, whose packing would cost more than it gains.</summary>
static class DirectProduct
{
    const int RowBlock = 4;

    /// <summary>C += A B, every element one chain of fused multiply-adds in ascending k.</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        ref float pa = ref MemoryMarshal.GetReference(a);
        ref float pb = ref MemoryMarshal.GetReference(b);
        ref float pc = ref MemoryMarshal.GetReference(c);
        int row = 0;
        for (; row <= m - RowBlock; row += RowBlock)
        {
            int column = 0;
            for (; column <= n - 16; column += 16)
                Block4X16(ref Unsafe.Add(ref pa, row * strideA), strideA, ref Unsafe.Add(ref pb, column), strideB,
                    ref Unsafe.Add(ref pc, row * strideC + column), strideC, k);
            for (int r = row; r < row + RowBlock; r++)
                RowTail(ref pa, r * strideA, ref pb, strideB, ref pc, r * strideC, column, k, n);
        }
        for (; row < m; row++)
            RowTail(ref pa, row * strideA, ref pb, strideB, ref pc, row * strideC, 0, k, n);
    }

    /// <summary>A block of 4 rows x 16 columns in eight accumulators: separate locals, as an array would live in memory.</summary>
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

    /// <summary>Columns column .. n - 1 of one row: eight at a time, then one at a time.</summary>
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
