using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace FedValue.Kernels;

/// <summary>Asks for memory before it is needed; a hint, which neither faults nor changes a bit.</summary>
static unsafe class Prefetch
{
    /// <summary>Floats of a cache line.</summary>
    public const int LineFloats = 16;

    /// <summary>How many floats ahead of where a row is read: far enough for memory to answer, near enough to be in the cache still.</summary>
    public const nuint Ahead = 512;

    /// <summary>The cache line of an element, which may lie outside of its array; an array that moves meanwhile costs the hint, no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(ref float first, nuint i)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref first) + i * sizeof(float));
    }
}
