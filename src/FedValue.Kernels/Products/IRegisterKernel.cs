namespace FedValue.Kernels.Products;

/// <summary>A block of C small enough to stay in registers while all k products are added to it; one per vector width.</summary>
interface IRegisterKernel
{
    /// <summary>Rows of the block.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of the block, a multiple of the vector.</summary>
    static abstract int Columns { get; }

    /// <summary>
    /// C += A B for one block: every element of C continues its chain of fused multiply-adds, in ascending k, from what it holds.
    /// </summary>
    /// <param name="k">Products per element.</param>
    /// <param name="a">The block's rows of A packed side by side: k x Rows.</param>
    /// <param name="b">The block's columns of B: k rows of Columns elements.</param>
    /// <param name="strideB">From one row of B to the next.</param>
    /// <param name="c">The block: Rows x Columns.</param>
    /// <param name="strideC">From one row of C to the next.</param>
    /// <param name="fresh">C holds nothing yet: the chains start from 0, and C is written without being read.</param>
    static abstract void Run(int k, ref float a, ref float b, int strideB, ref float c, int strideC, bool fresh);
}
