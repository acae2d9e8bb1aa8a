using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedValue.Kernels;

/// <summary>Scratch memory for vectors: it begins at a cache line, so that a vector of 64 bytes never lies across two; and it stays there.</summary>
public static unsafe class Aligned
{
    const int LineBytes = 64;

    /// <summary>So many doubles, all 0.</summary>
    public static Memory<double> Doubles(int length)
    {
        double[] array = GC.AllocateArray<double>(length + LineBytes / sizeof(double), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        int skipped = (int)((LineBytes - address % LineBytes) % LineBytes) / sizeof(double);
        return array.AsMemory(skipped, length);
    }

    /// <summary>So many floats, all 0.</summary>
    public static Memory<float> Singles(int length)
    {
        float[] array = GC.AllocateArray<float>(length + LineBytes / sizeof(float), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        int skipped = (int)((LineBytes - address % LineBytes) % LineBytes) / sizeof(float);
        return array.AsMemory(skipped, length);
    }
}
