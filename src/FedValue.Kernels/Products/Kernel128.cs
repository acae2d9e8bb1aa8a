using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Products;

/// <summary>4 x 8 elements of C in 8 registers of 128 bits; one holds an element of A, two a row of B.</summary>
readonly struct Kernel128 : IRegisterKernel
{
    public static int Rows => 4;

    public static int Columns => 8;

    [MethodImpl(Compiled.ByItself)]
    public static void Run(int k, ref float a, ref float b, int strideB, ref float c, int strideC, bool fresh)
    {
        ref float c1 = ref Unsafe.Add(ref c, strideC);
        ref float c2 = ref Unsafe.Add(ref c1, strideC);
        ref float c3 = ref Unsafe.Add(ref c2, strideC);
        Vector128<float> s0a = default, s0b = default;
        Vector128<float> s1a = default, s1b = default;
        Vector128<float> s2a = default, s2b = default;
        Vector128<float> s3a = default, s3b = default;
        if (!fresh)
        {
            s0a = Vector128.LoadUnsafe(ref c);
            s0b = Vector128.LoadUnsafe(ref c, 4);
            s1a = Vector128.LoadUnsafe(ref c1);
            s1b = Vector128.LoadUnsafe(ref c1, 4);
            s2a = Vector128.LoadUnsafe(ref c2);
            s2b = Vector128.LoadUnsafe(ref c2, 4);
            s3a = Vector128.LoadUnsafe(ref c3);
            s3b = Vector128.LoadUnsafe(ref c3, 4);
        }
        nuint atA = 0, atB = 0; // offsets, not moving references: those would end outside, where the garbage collector must not find them
        for (int i = 0; i < k; i++)
        {
            Vector128<float> ba = Vector128.LoadUnsafe(ref b, atB), bb = Vector128.LoadUnsafe(ref b, atB + 4);
            var x = Vector128.Create(Unsafe.Add(ref a, atA));
            s0a = Vector128.FusedMultiplyAdd(x, ba, s0a);
            s0b = Vector128.FusedMultiplyAdd(x, bb, s0b);
            x = Vector128.Create(Unsafe.Add(ref a, atA + 1));
            s1a = Vector128.FusedMultiplyAdd(x, ba, s1a);
            s1b = Vector128.FusedMultiplyAdd(x, bb, s1b);
            x = Vector128.Create(Unsafe.Add(ref a, atA + 2));
            s2a = Vector128.FusedMultiplyAdd(x, ba, s2a);
            s2b = Vector128.FusedMultiplyAdd(x, bb, s2b);
            x = Vector128.Create(Unsafe.Add(ref a, atA + 3));
            s3a = Vector128.FusedMultiplyAdd(x, ba, s3a);
            s3b = Vector128.FusedMultiplyAdd(x, bb, s3b);
            atA += 4;
            atB += (nuint)strideB;
        }
        s0a.StoreUnsafe(ref c);
        s0b.StoreUnsafe(ref c, 4);
        s1a.StoreUnsafe(ref c1);
        s1b.StoreUnsafe(ref c1, 4);
        s2a.StoreUnsafe(ref c2);
        s2b.StoreUnsafe(ref c2, 4);
        s3a.StoreUnsafe(ref c3);
        s3b.StoreUnsafe(ref c3, 4);
    }
}
