using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>6 x 16 elements of C in 12 of the 16 registers of AVX2; one holds an element of A, two a row of B.</summary>
readonly struct Kernel256 : IRegisterKernel
{
    public static int Rows => 6;

    public static int Columns => 16;

    [MethodImpl(Compiled.ByItself)]
    public static void Run(int k, ref float a, ref float b, int strideB, ref float c, int strideC, bool fresh)
    {
        ref float c1 = ref Unsafe.Add(ref c, strideC);
        ref float c2 = ref Unsafe.Add(ref c1, strideC);
        ref float c3 = ref Unsafe.Add(ref c2, strideC);
        ref float c4 = ref Unsafe.Add(ref c3, strideC);
        ref float c5 = ref Unsafe.Add(ref c4, strideC);
        Vector256<float> s0a = default, s0b = default;
        Vector256<float> s1a = default, s1b = default;
        Vector256<float> s2a = default, s2b = default;
        Vector256<float> s3a = default, s3b = default;
        Vector256<float> s4a = default, s4b = default;
        Vector256<float> s5a = default, s5b = default;
        if (!fresh)
        {
            s0a = Vector256.LoadUnsafe(ref c);
            s0b = Vector256.LoadUnsafe(ref c, 8);
            s1a = Vector256.LoadUnsafe(ref c1);
            s1b = Vector256.LoadUnsafe(ref c1, 8);
            s2a = Vector256.LoadUnsafe(ref c2);
            s2b = Vector256.LoadUnsafe(ref c2, 8);
            s3a = Vector256.LoadUnsafe(ref c3);
            s3b = Vector256.LoadUnsafe(ref c3, 8);
            s4a = Vector256.LoadUnsafe(ref c4);
            s4b = Vector256.LoadUnsafe(ref c4, 8);
            s5a = Vector256.LoadUnsafe(ref c5);
            s5b = Vector256.LoadUnsafe(ref c5, 8);
        }
        nuint atA = 0, atB = 0; // offsets, not moving references: those would end outside, where the garbage collector must not find them
        for (int i = 0; i < k; i++)
        {
            Vector256<float> ba = Vector256.LoadUnsafe(ref b, atB), bb = Vector256.LoadUnsafe(ref b, atB + 8);
            var x = Vector256.Create(Unsafe.Add(ref a, atA));
            s0a = Vector256.FusedMultiplyAdd(x, ba, s0a);
            s0b = Vector256.FusedMultiplyAdd(x, bb, s0b);
            x = Vector256.Create(Unsafe.Add(ref a, atA + 1));
            s1a = Vector256.FusedMultiplyAdd(x, ba, s1a);
            s1b = Vector256.FusedMultiplyAdd(x, bb, s1b);
            x = Vector256.Create(Unsafe.Add(ref a, atA + 2));
            s2a = Vector256.FusedMultiplyAdd(x, ba, s2a);
            s2b = Vector256.FusedMultiplyAdd(x, bb, s2b);
            x = Vector256.Create(Unsafe.Add(ref a, atA + 3));
            s3a = Vector256.FusedMultiplyAdd(x, ba, s3a);
            s3b = Vector256.FusedMultiplyAdd(x, bb, s3b);
            x = Vector256.Create(Unsafe.Add(ref a, atA + 4));
            s4a = Vector256.FusedMultiplyAdd(x, ba, s4a);
            s4b = Vector256.FusedMultiplyAdd(x, bb, s4b);
            x = Vector256.Create(Unsafe.Add(ref a, atA + 5));
            s5a = Vector256.FusedMultiplyAdd(x, ba, s5a);
            s5b = Vector256.FusedMultiplyAdd(x, bb, s5b);
            atA += 6;
            atB += (nuint)strideB;
        }
        s0a.StoreUnsafe(ref c);
        s0b.StoreUnsafe(ref c, 8);
        s1a.StoreUnsafe(ref c1);
        s1b.StoreUnsafe(ref c1, 8);
        s2a.StoreUnsafe(ref c2);
        s2b.StoreUnsafe(ref c2, 8);
        s3a.StoreUnsafe(ref c3);
        s3b.StoreUnsafe(ref c3, 8);
        s4a.StoreUnsafe(ref c4);
        s4b.StoreUnsafe(ref c4, 8);
        s5a.StoreUnsafe(ref c5);
        s5b.StoreUnsafe(ref c5, 8);
    }
}
