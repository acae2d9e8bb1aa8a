using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FedValue.Kernels.Products;

/// <summary>
/// One, two, four or eight rows of k elements (stride strideIn) become k rows (stride strideOut) of as many elements. The shuffles exist on
/// x64 alone; elsewhere <see cref="Row"/> does it all.
/// </summary>
static class Transposes
{
    [MethodImpl(Compiled.ByItself)]
    public static void Row(ref float input, int k, ref float output, int strideOut)
    {
        for (nint i = 0; i < k; i++)
            Unsafe.Add(ref output, i * strideOut) = Unsafe.Add(ref input, i);
    }

    [MethodImpl(Compiled.ByItself)]
    public static void Rows2(ref float input, int strideIn, int k, ref float output, int strideOut)
    {
        ref float second = ref Unsafe.Add(ref input, strideIn);
        int i = 0;
        for (; i + 4 <= k; i += 4)
        {
            Vector128<float> r0 = Vector128.LoadUnsafe(ref input, (nuint)i), r1 = Vector128.LoadUnsafe(ref second, (nuint)i);
            Vector128<float> low = Sse.UnpackLow(r0, r1), high = Sse.UnpackHigh(r0, r1);
            ref float to = ref Unsafe.Add(ref output, (nint)i * strideOut);
            low.GetLower().StoreUnsafe(ref to);
            low.GetUpper().StoreUnsafe(ref to, (nuint)strideOut);
            high.GetLower().StoreUnsafe(ref to, 2 * (nuint)strideOut);
            high.GetUpper().StoreUnsafe(ref to, 3 * (nuint)strideOut);
        }
        Rest(ref input, strideIn, 2, i, k, ref output, strideOut);
    }

    [MethodImpl(Compiled.ByItself)]
    public static void Rows4(ref float input, int strideIn, int k, ref float output, int strideOut)
    {
        nuint stepIn = (nuint)strideIn, stepOut = (nuint)strideOut;
        int i = 0;
        for (; i + 4 <= k; i += 4)
        {
            ref float from = ref Unsafe.Add(ref input, i);
            Vector128<float> r0 = Vector128.LoadUnsafe(ref from), r1 = Vector128.LoadUnsafe(ref from, stepIn);
            Vector128<float> r2 = Vector128.LoadUnsafe(ref from, 2 * stepIn), r3 = Vector128.LoadUnsafe(ref from, 3 * stepIn);
            Vector128<float> low01 = Sse.UnpackLow(r0, r1), high01 = Sse.UnpackHigh(r0, r1);
            Vector128<float> low23 = Sse.UnpackLow(r2, r3), high23 = Sse.UnpackHigh(r2, r3);
            ref float to = ref Unsafe.Add(ref output, (nint)i * strideOut);
            Sse.MoveLowToHigh(low01, low23).StoreUnsafe(ref to);
            Sse.MoveHighToLow(low23, low01).StoreUnsafe(ref to, stepOut);
            Sse.MoveLowToHigh(high01, high23).StoreUnsafe(ref to, 2 * stepOut);
            Sse.MoveHighToLow(high23, high01).StoreUnsafe(ref to, 3 * stepOut);
        }
        Rest(ref input, strideIn, 4, i, k, ref output, strideOut);
    }

    [MethodImpl(Compiled.ByItself)]
    public static void Rows8(ref float input, int strideIn, int k, ref float output, int strideOut)
    {
        nuint stepIn = (nuint)strideIn, stepOut = (nuint)strideOut;
        int i = 0;
        for (; i + 8 <= k; i += 8)
        {
            ref float from = ref Unsafe.Add(ref input, i);
            Vector256<float> r0 = Vector256.LoadUnsafe(ref from), r1 = Vector256.LoadUnsafe(ref from, stepIn);
            Vector256<float> r2 = Vector256.LoadUnsafe(ref from, 2 * stepIn), r3 = Vector256.LoadUnsafe(ref from, 3 * stepIn);
            Vector256<float> r4 = Vector256.LoadUnsafe(ref from, 4 * stepIn), r5 = Vector256.LoadUnsafe(ref from, 5 * stepIn);
            Vector256<float> r6 = Vector256.LoadUnsafe(ref from, 6 * stepIn), r7 = Vector256.LoadUnsafe(ref from, 7 * stepIn);

            // Pairs of rows interleaved, then quadruples: a half holds columns 0-3, the other 4-7.
            Vector256<float> low01 = Avx.UnpackLow(r0, r1), high01 = Avx.UnpackHigh(r0, r1);
            Vector256<float> low23 = Avx.UnpackLow(r2, r3), high23 = Avx.UnpackHigh(r2, r3);
            Vector256<float> low45 = Avx.UnpackLow(r4, r5), high45 = Avx.UnpackHigh(r4, r5);
            Vector256<float> low67 = Avx.UnpackLow(r6, r7), high67 = Avx.UnpackHigh(r6, r7);
            Vector256<float> top0 = Avx.Shuffle(low01, low23, 0x44), top1 = Avx.Shuffle(low01, low23, 0xee);
            Vector256<float> top2 = Avx.Shuffle(high01, high23, 0x44), top3 = Avx.Shuffle(high01, high23, 0xee);
            Vector256<float> end0 = Avx.Shuffle(low45, low67, 0x44), end1 = Avx.Shuffle(low45, low67, 0xee);
            Vector256<float> end2 = Avx.Shuffle(high45, high67, 0x44), end3 = Avx.Shuffle(high45, high67, 0xee);

            ref float to = ref Unsafe.Add(ref output, (nint)i * strideOut);
            Avx.Permute2x128(top0, end0, 0x20).StoreUnsafe(ref to);
            Avx.Permute2x128(top1, end1, 0x20).StoreUnsafe(ref to, stepOut);
            Avx.Permute2x128(top2, end2, 0x20).StoreUnsafe(ref to, 2 * stepOut);
            Avx.Permute2x128(top3, end3, 0x20).StoreUnsafe(ref to, 3 * stepOut);
            Avx.Permute2x128(top0, end0, 0x31).StoreUnsafe(ref to, 4 * stepOut);
            Avx.Permute2x128(top1, end1, 0x31).StoreUnsafe(ref to, 5 * stepOut);
            Avx.Permute2x128(top2, end2, 0x31).StoreUnsafe(ref to, 6 * stepOut);
            Avx.Permute2x128(top3, end3, 0x31).StoreUnsafe(ref to, 7 * stepOut);
        }
        Rest(ref input, strideIn, 8, i, k, ref output, strideOut);
    }

    static void Rest(ref float input, int strideIn, int rows, int first, int k, ref float output, int strideOut)
    {
        for (nint i = first; i < k; i++)
        {
            for (nint r = 0; r < rows; r++)
                Unsafe.Add(ref output, i * strideOut + r) = Unsafe.Add(ref input, r * strideIn + i);
        }
    }
}
