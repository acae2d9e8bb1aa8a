using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedValue.Kernels.Products;

namespace FedValue.Kernels;

/// <summary>
/// The fp32 matrix product. Every element of C is one chain of fused multiply-adds in ascending k, starting from what C held: so neither
/// blocking nor vector width nor threads can change a bit, and a machine without FMA hardware gives the same bits, only slower.
/// </summary>
public static class MatrixProduct
{
    // Packing costs a pass over A and B; where few rows share B, or B lies in the first caches anyway, it gains less than that.
    const int PackedRowsMin = 48;
    const int PackedColumnsMin = 24; // register blocks of fewer columns would be mostly padding
    const int PackedElementsOfBMin = 1 << 17;

    const double ThreadedProductsMin = 1 << 20; // some 10 microseconds of work, about what it takes to wake a thread

    /// <summary>C += A B for row-major A (m x k), B (k x n) and C (m x n) with the given row strides.</summary>
    /// <exception cref="ArgumentException">A span is too short for its shape, or a stride is shorter than a row.</exception>
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        Check(a.Length, strideA, b.Length, strideB, c.Length, strideC, m, k, n);
        Compute(a, strideA, b, strideB, c, strideC, m, k, n, fresh: false);
    }

    /// <summary>C += A B on several threads, which take blocks of rows of C: the bits do not depend on how many.</summary>
    /// <exception cref="ArgumentException">Memory is too short for its shape, or a stride is shorter than a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no thread.</exception>
    public static void MultiplyAdd(
        ReadOnlyMemory<float> a, int strideA, ReadOnlyMemory<float> b, int strideB, Memory<float> c, int strideC,
        int m, int k, int n, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Check(a.Length, strideA, b.Length, strideB, c.Length, strideC, m, k, n);
        Compute(a, strideA, b, strideB, c, strideC, m, k, n, threads, fresh: false);
    }

    /// <summary>C = A B on this thread, the bits of clearing C and adding, but C is not read.</summary>
    /// <exception cref="ArgumentException">A span is too short for its shape, or a stride is shorter than a row.</exception>
    public static void Multiply(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n)
    {
        Check(a.Length, strideA, b.Length, strideB, c.Length, strideC, m, k, n);
        Compute(a, strideA, b, strideB, c, strideC, m, k, n, fresh: true);
    }

    /// <summary>C = A B, the bits of clearing C and adding, but C is not read: what it held, NaN or not, is gone.</summary>
    /// <exception cref="ArgumentException">Memory is too short for its shape, or a stride is shorter than a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no thread.</exception>
    public static void Multiply(
        ReadOnlyMemory<float> a, int strideA, ReadOnlyMemory<float> b, int strideB, Memory<float> c, int strideC,
        int m, int k, int n, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Check(a.Length, strideA, b.Length, strideB, c.Length, strideC, m, k, n);
        Compute(a, strideA, b, strideB, c, strideC, m, k, n, threads, fresh: true);
    }

    static void Compute(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n, bool fresh)
    {
        if (m < PackedRowsMin || n < PackedColumnsMin || (long)k * n < PackedElementsOfBMin || !Vector128.IsHardwareAccelerated)
            DirectProduct.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, fresh);
        else if (Vector512.IsHardwareAccelerated)
            PackedProduct<Kernel512>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, fresh);
        else if (Vector256.IsHardwareAccelerated)
            PackedProduct<Kernel256>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, fresh);
        else
            PackedProduct<Kernel128>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, fresh);
    }

    static void Compute(
        ReadOnlyMemory<float> a, int strideA, ReadOnlyMemory<float> b, int strideB, Memory<float> c, int strideC,
        int m, int k, int n, int threads, bool fresh)
    {
        if (threads == 1 || (double)m * n * k < ThreadedProductsMin || !Vector128.IsHardwareAccelerated)
            Compute(a.Span, strideA, b.Span, strideB, c.Span, strideC, m, k, n, fresh);
        else if (Vector512.IsHardwareAccelerated)
            PackedProduct<Kernel512>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, threads, fresh);
        else if (Vector256.IsHardwareAccelerated)
            PackedProduct<Kernel256>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, threads, fresh);
        else
            PackedProduct<Kernel128>.MultiplyAdd(a, strideA, b, strideB, c, strideC, m, k, n, threads, fresh);
    }

    /// <summary>out (columns x rows) = transpose of in (rows x columns), with the given row strides.</summary>
    public static void Transpose(ReadOnlySpan<float> input, int strideIn, Span<float> output, int strideOut, int rows, int columns)
    {
        Check(input.Length, strideIn, rows, columns, nameof(input));
        Check(output.Length, strideOut, columns, rows, nameof(output));
        if (rows > 0 && columns > 0)
        {
            Packing.PanelOfA(ref MemoryMarshal.GetReference(input), strideIn, rows, columns,
                panelRows: rows, ref MemoryMarshal.GetReference(output), strideOut);
        }
    }

    static void Check(int lengthA, int strideA, int lengthB, int strideB, int lengthC, int strideC, int m, int k, int n)
    {
        Check(lengthA, strideA, m, k, "a");
        Check(lengthB, strideB, k, n, "b");
        Check(lengthC, strideC, m, n, "c");
    }

    static void Check(int length, int stride, int rows, int columns, string name)
    {
        if (stride < columns)
            throw new ArgumentException($"Rows of {columns} elements need a stride of at least {columns}, but {stride} came.", name);
        long needed = rows == 0 ? 0 : (long)(rows - 1) * stride + columns;
        if (length < needed)
        {
            throw new ArgumentException(
                $"A {rows} x {columns} matrix of stride {stride} needs {needed} elements, but {length} came.", name);
        }
    }
}
