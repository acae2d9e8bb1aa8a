using System.Runtime.CompilerServices;

namespace FedValue.Kernels.Products;

/// <summary>One element of C: for machines without vectors, which would compute them in software.</summary>
readonly struct KernelScalar : IRegisterKernel
{
    public static int Rows => 1;

    public static int Columns => 1;

    public static void Run(int k, ref float a, ref float b, int strideB, ref float c, int strideC, bool fresh)
    {
        float sum = fresh ? 0 : c;
        for (int i = 0; i < k; i++)
            sum = float.FusedMultiplyAdd(Unsafe.Add(ref a, i), Unsafe.Add(ref b, (nint)i * strideB), sum);
        c = sum;
    }
}
