using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedValue.Kernels.Products;

/// <summary>
/// C += A B in blocks that stay in the caches: a block of A and a panel of B, packed, serve many register blocks. Blocks along k follow each
/// other and continue what C holds, so the chain of every element is the one of the plain loops; k is never shared among threads.
/// </summary>
/// <typeparam name="TKernel">The register kernel.</typeparam>
static class PackedProduct<TKernel> where TKernel : struct, IRegisterKernel
{
    const int DepthMax = 1024; // deep blocks spare reads of C; a panel of A (57 KB) then streams from the second cache
    const int RowsMax = 56; // a block of A (230 KB at most) stays in the second cache, beside a panel of B and rows of C
    const int RowsPacked = 64; // of B at once: their pages stay known while all panels take their part
    const int ColumnsMax = 2048; // what is packed of B (8 MB at most) stays in the third

    /// <summary>C += A B on this thread, or C = A B where C is fresh; k is 1 or more then.</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> c, int strideC, int m, int k, int n,
        bool fresh = false)
    {
        var blocks = new Blocks(m, 1);
        using var packedB = new AlignedBuffer(LengthOfB(k, n));
        for (int column = 0; column < n; column += ColumnsMax)
        {
            int columns = Math.Min(ColumnsMax, n - column);
            for (int block = 0; Cut(k, block) < k; block++)
            {
                int first = Cut(k, block), depth = Cut(k, block + 1) - first;
                for (int row = 0; row < depth; row += RowsPacked)
                    PackB(b[(first * strideB + column)..], strideB, depth, columns, row, RowsPacked, packedB);
                for (int i = 0; i < blocks.Count; i++)
                {
                    (int row, int rows) = blocks[i];
                    Block(a[(row * strideA + first)..], strideA, packedB,
                        c[(row * strideC + column)..], strideC, rows, depth, columns, fresh && first == 0);
                }
            }
        }
    }

    /// <summary>The same on several threads, which take whole blocks of rows.</summary>
    public static void MultiplyAdd(
        ReadOnlyMemory<float> a, int strideA, ReadOnlyMemory<float> b, int strideB, Memory<float> c, int strideC,
        int m, int k, int n, int threads, bool fresh = false)
    {
        var blocks = new Blocks(m, threads);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        using var packedB = new AlignedBuffer(LengthOfB(k, n));
        for (int column = 0; column < n; column += ColumnsMax)
        {
            int from = column, columns = Math.Min(ColumnsMax, n - column);
            for (int block = 0; Cut(k, block) < k; block++)
            {
                int first = Cut(k, block), depth = Cut(k, block + 1) - first;
                int atOnce = Math.Clamp(depth / threads, 1, RowsPacked);
                Parallel.For(0, (depth + atOnce - 1) / atOnce, parallel, group => PackB(
                    b.Span[(first * strideB + from)..], strideB, depth, columns, group * atOnce, atOnce, packedB));
                Parallel.For(0, blocks.Count, parallel, i =>
                {
                    (int row, int rows) = blocks[i];
                    Block(a.Span[(row * strideA + first)..], strideA, packedB,
                        c.Span[(row * strideC + from)..], strideC, rows, depth, columns, fresh && first == 0);
                });
            }
        }
    }

    /// <summary>Where block number i along k begins: blocks of nearly the same depth.</summary>
    static int Cut(int k, int i)
    {
        int blocks = Math.Max(1, (k + DepthMax - 1) / DepthMax);
        return (int)((long)k * i / blocks);
    }

    static int Panels(int columns) => (columns + TKernel.Columns - 1) / TKernel.Columns;

    static int LengthOfB(int k, int n) => Math.Min(k, DepthMax) * Panels(Math.Min(n, ColumnsMax)) * TKernel.Columns;

    /// <summary>Some rows of B, from one on, into all panels.</summary>
    static void PackB(ReadOnlySpan<float> b, int strideB, int depth, int columns, int row, int atOnce, AlignedBuffer packedB)
    {
        int rows = Math.Min(atOnce, depth - row);
        for (int column = 0; column < columns; column += TKernel.Columns)
        {
            Packing.PanelOfB(
                b[(row * strideB + column)..], strideB, rows, Math.Min(TKernel.Columns, columns - column), TKernel.Columns,
                packedB.AsSpan(column * depth + row * TKernel.Columns, rows * TKernel.Columns));
        }
    }

    /// <summary>A few rows of C, depth products for each of their elements.</summary>
    static void Block(
        ReadOnlySpan<float> a, int strideA, AlignedBuffer packedB, Span<float> c, int strideC,
        int rows, int depth, int columns, bool fresh)
    {
        int panelLength = TKernel.Rows * depth, panels = (rows + TKernel.Rows - 1) / TKernel.Rows;
        using var packedA = new AlignedBuffer(panels * panelLength);
        ref float pa = ref packedA.First;
        ref float pb = ref packedB.First;
        ref float pc = ref MemoryMarshal.GetReference(c);
        ref float from = ref MemoryMarshal.GetReference(a);
        for (int p = 0; p < panels; p++)
        {
            int row = p * TKernel.Rows;
            Packing.PanelOfA(ref Unsafe.Add(ref from, (nint)row * strideA), strideA, Math.Min(TKernel.Rows, rows - row), depth,
                TKernel.Rows, ref Unsafe.Add(ref pa, p * panelLength), TKernel.Rows);
        }
        for (int column = 0; column < columns; column += TKernel.Columns)
        {
            int width = Math.Min(TKernel.Columns, columns - column);
            ref float panelOfB = ref Unsafe.Add(ref pb, column * depth);
            for (int p = 0; p < panels; p++)
            {
                int row = p * TKernel.Rows, height = Math.Min(TKernel.Rows, rows - row);
                ref float panelOfA = ref Unsafe.Add(ref pa, p * panelLength);
                ref float tile = ref Unsafe.Add(ref pc, (nint)row * strideC + column);
                if (p + 1 < panels)
                {
                    ref float next = ref Unsafe.Add(ref tile, (nint)TKernel.Rows * strideC);
                    Fetch(ref next, strideC, Math.Min(TKernel.Rows, rows - row - TKernel.Rows), width);
                }
                if (height == TKernel.Rows && width == TKernel.Columns)
                    TKernel.Run(depth, ref panelOfA, ref panelOfB, TKernel.Columns, ref tile, strideC, fresh);
                else
                    Edge(depth, ref panelOfA, ref panelOfB, ref tile, strideC, height, width, fresh);
            }
        }
    }

    /// <summary>Asks for the next block of C while this one is computed.</summary>
    static void Fetch(ref float c, int strideC, int height, int width)
    {
        for (int r = 0; r < height; r++)
        {
            ref float row = ref Unsafe.Add(ref c, (nint)r * strideC);
            for (int i = 0; i < width; i += Prefetch.LineFloats)
                Prefetch.Line(ref row, (nuint)i);
            Prefetch.Line(ref row, (nuint)(width - 1)); // rows need not begin where lines do
        }
    }

    /// <summary>A block that C does not fill: computed in a whole one aside.</summary>
    static void Edge(int depth, ref float a, ref float b, ref float c, int strideC, int height, int width, bool fresh)
    {
        Span<float> aside = stackalloc float[TKernel.Rows * TKernel.Columns];
        aside.Clear();
        for (int r = 0; r < height && !fresh; r++)
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref c, (nint)r * strideC), width).CopyTo(aside[(r * TKernel.Columns)..]);
        TKernel.Run(depth, ref a, ref b, TKernel.Columns, ref MemoryMarshal.GetReference(aside), TKernel.Columns, fresh);
        for (int r = 0; r < height; r++)
            aside.Slice(r * TKernel.Columns, width).CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref c, (nint)r * strideC), width));
    }

    /// <summary>The rows of C in blocks of whole register blocks: as many blocks for every thread, nearly the same size.</summary>
    readonly struct Blocks(int m, int threads)
    {
        readonly int _panels = (m + TKernel.Rows - 1) / TKernel.Rows;

        public int Count { get; } = Math.Max(1, ((m + RowsMax * threads - 1) / (RowsMax * threads)) * threads);

        public (int Row, int Rows) this[int i]
        {
            get
            {
                int row = (int)((long)_panels * i / Count) * TKernel.Rows;
                return (row, Math.Min(m, (int)((long)_panels * (i + 1) / Count) * TKernel.Rows) - row);
            }
        }
    }
}
