using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedValue.Kernels.Products;

/// <summary>Rented floats that begin where a cache line does: the widest loads then touch one line each. Give it back by Dispose.</summary>
readonly struct AlignedBuffer : IDisposable
{
    const int LineBytes = 64;

    readonly float[] _array;
    readonly int _start;

    /// <summary>Rents so many floats of any content.</summary>
    public AlignedBuffer(int length)
    {
        _array = ArrayPool<float>.Shared.Rent(length + LineBytes / sizeof(float));
        ref byte first = ref Unsafe.As<float, byte>(ref MemoryMarshal.GetArrayDataReference(_array));
        nint address = Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref first);
        _start = (int)(-address & (LineBytes - 1)) / sizeof(float); // stays right unless the collector moves the array: speed alone
    }

    /// <summary>The first float.</summary>
    public ref float First => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start);

    public Span<float> AsSpan(int start, int length) => _array.AsSpan(_start + start, length);

    public void Dispose() => ArrayPool<float>.Shared.Return(_array);
}
