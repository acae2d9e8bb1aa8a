using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>14 x 32 elements of C in 28 of the 32 registers of AVX-512; one holds an element of A, two a row of B.</summary>
readonly struct Kernel512 : IRegisterKernel
{
    public static int Rows => 14;

    public static int Columns => 32;

    [MethodImpl(Compiled.ByItself)]
    public static void Run(int k, ref float a, ref float b, int strideB, ref float c, int strideC, bool fresh)
    {
        ref float c1 = ref Unsafe.Add(ref c, strideC);
        ref float c2 = ref Unsafe.Add(ref c1, strideC);
        ref float c3 = ref Unsafe.Add(ref c2, strideC);
        ref float c4 = ref Unsafe.Add(ref c3, strideC);
        ref float c5 = ref Unsafe.Add(ref c4, strideC);
        ref float c6 = ref Unsafe.Add(ref c5, strideC);
        ref float c7 = ref Unsafe.Add(ref c6, strideC);
        ref float c8 = ref Unsafe.Add(ref c7, strideC);
        ref float c9 = ref Unsafe.Add(ref c8, strideC);
        ref float c10 = ref Unsafe.Add(ref c9, strideC);
        ref float c11 = ref Unsafe.Add(ref c10, strideC);
        ref float c12 = ref Unsafe.Add(ref c11, strideC);
        ref float c13 = ref Unsafe.Add(ref c12, strideC);
        Vector512<float> s0a = default, s0b = default;
        Vector512<float> s1a = default, s1b = default;
        Vector512<float> s2a = default, s2b = default;
        Vector512<float> s3a = default, s3b = default;
        Vector512<float> s4a = default, s4b = default;
        Vector512<float> s5a = default, s5b = default;
        Vector512<float> s6a = default, s6b = default;
        Vector512<float> s7a = default, s7b = default;
        Vector512<float> s8a = default, s8b = default;
        Vector512<float> s9a = default, s9b = default;
        Vector512<float> s10a = default, s10b = default;
        Vector512<float> s11a = default, s11b = default;
        Vector512<float> s12a = default, s12b = default;
        Vector512<float> s13a = default, s13b = default;
        if (!fresh)
        {
            s0a = Vector512.LoadUnsafe(ref c);
            s0b = Vector512.LoadUnsafe(ref c, 16);
            s1a = Vector512.LoadUnsafe(ref c1);
            s1b = Vector512.LoadUnsafe(ref c1, 16);
            s2a = Vector512.LoadUnsafe(ref c2);
            s2b = Vector512.LoadUnsafe(ref c2, 16);
            s3a = Vector512.LoadUnsafe(ref c3);
            s3b = Vector512.LoadUnsafe(ref c3, 16);
            s4a = Vector512.LoadUnsafe(ref c4);
            s4b = Vector512.LoadUnsafe(ref c4, 16);
            s5a = Vector512.LoadUnsafe(ref c5);
            s5b = Vector512.LoadUnsafe(ref c5, 16);
            s6a = Vector512.LoadUnsafe(ref c6);
            s6b = Vector512.LoadUnsafe(ref c6, 16);
            s7a = Vector512.LoadUnsafe(ref c7);
            s7b = Vector512.LoadUnsafe(ref c7, 16);
            s8a = Vector512.LoadUnsafe(ref c8);
            s8b = Vector512.LoadUnsafe(ref c8, 16);
            s9a = Vector512.LoadUnsafe(ref c9);
            s9b = Vector512.LoadUnsafe(ref c9, 16);
            s10a = Vector512.LoadUnsafe(ref c10);
            s10b = Vector512.LoadUnsafe(ref c10, 16);
            s11a = Vector512.LoadUnsafe(ref c11);
            s11b = Vector512.LoadUnsafe(ref c11, 16);
            s12a = Vector512.LoadUnsafe(ref c12);
            s12b = Vector512.LoadUnsafe(ref c12, 16);
            s13a = Vector512.LoadUnsafe(ref c13);
            s13b = Vector512.LoadUnsafe(ref c13, 16);
        }
        nuint atA = 0, atB = 0; // offsets, not moving references: those would end outside, where the garbage collector must not find them
        for (int i = 0; i < k; i++)
        {
            Vector512<float> ba = Vector512.LoadUnsafe(ref b, atB), bb = Vector512.LoadUnsafe(ref b, atB + 16);
            var x = Vector512.Create(Unsafe.Add(ref a, atA));
            s0a = Vector512.FusedMultiplyAdd(x, ba, s0a);
            s0b = Vector512.FusedMultiplyAdd(x, bb, s0b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 1));
            s1a = Vector512.FusedMultiplyAdd(x, ba, s1a);
            s1b = Vector512.FusedMultiplyAdd(x, bb, s1b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 2));
            s2a = Vector512.FusedMultiplyAdd(x, ba, s2a);
            s2b = Vector512.FusedMultiplyAdd(x, bb, s2b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 3));
            s3a = Vector512.FusedMultiplyAdd(x, ba, s3a);
            s3b = Vector512.FusedMultiplyAdd(x, bb, s3b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 4));
            s4a = Vector512.FusedMultiplyAdd(x, ba, s4a);
            s4b = Vector512.FusedMultiplyAdd(x, bb, s4b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 5));
            s5a = Vector512.FusedMultiplyAdd(x, ba, s5a);
            s5b = Vector512.FusedMultiplyAdd(x, bb, s5b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 6));
            s6a = Vector512.FusedMultiplyAdd(x, ba, s6a);
            s6b = Vector512.FusedMultiplyAdd(x, bb, s6b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 7));
            s7a = Vector512.FusedMultiplyAdd(x, ba, s7a);
            s7b = Vector512.FusedMultiplyAdd(x, bb, s7b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 8));
            s8a = Vector512.FusedMultiplyAdd(x, ba, s8a);
            s8b = Vector512.FusedMultiplyAdd(x, bb, s8b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 9));
            s9a = Vector512.FusedMultiplyAdd(x, ba, s9a);
            s9b = Vector512.FusedMultiplyAdd(x, bb, s9b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 10));
            s10a = Vector512.FusedMultiplyAdd(x, ba, s10a);
            s10b = Vector512.FusedMultiplyAdd(x, bb, s10b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 11));
            s11a = Vector512.FusedMultiplyAdd(x, ba, s11a);
            s11b = Vector512.FusedMultiplyAdd(x, bb, s11b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 12));
            s12a = Vector512.FusedMultiplyAdd(x, ba, s12a);
            s12b = Vector512.FusedMultiplyAdd(x, bb, s12b);
            x = Vector512.Create(Unsafe.Add(ref a, atA + 13));
            s13a = Vector512.FusedMultiplyAdd(x, ba, s13a);
            s13b = Vector512.FusedMultiplyAdd(x, bb, s13b);
            atA += 14;
            atB += (nuint)strideB;
        }
        s0a.StoreUnsafe(ref c);
        s0b.StoreUnsafe(ref c, 16);
        s1a.StoreUnsafe(ref c1);
        s1b.StoreUnsafe(ref c1, 16);
        s2a.StoreUnsafe(ref c2);
        s2b.StoreUnsafe(ref c2, 16);
        s3a.StoreUnsafe(ref c3);
        s3b.StoreUnsafe(ref c3, 16);
        s4a.StoreUnsafe(ref c4);
        s4b.StoreUnsafe(ref c4, 16);
        s5a.StoreUnsafe(ref c5);
        s5b.StoreUnsafe(ref c5, 16);
        s6a.StoreUnsafe(ref c6);
        s6b.StoreUnsafe(ref c6, 16);
        s7a.StoreUnsafe(ref c7);
        s7b.StoreUnsafe(ref c7, 16);
        s8a.StoreUnsafe(ref c8);
        s8b.StoreUnsafe(ref c8, 16);
        s9a.StoreUnsafe(ref c9);
        s9b.StoreUnsafe(ref c9, 16);
        s10a.StoreUnsafe(ref c10);
        s10b.StoreUnsafe(ref c10, 16);
        s11a.StoreUnsafe(ref c11);
        s11b.StoreUnsafe(ref c11, 16);
        s12a.StoreUnsafe(ref c12);
        s12b.StoreUnsafe(ref c12, 16);
        s13a.StoreUnsafe(ref c13);
        s13b.StoreUnsafe(ref c13, 16);
    }
}
