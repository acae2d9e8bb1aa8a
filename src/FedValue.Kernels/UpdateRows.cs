using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>
/// A round as a matrix X (n x d): row i is participant i's local model minus the round's base model, formed in double from the stored
/// fp32 weights whenever a kernel reads it. The rows stand in the canonical order of the participants.
/// </summary>
public sealed class UpdateRows
{
    readonly ReadOnlyMemory<float> _base;
    readonly IReadOnlyList<ReadOnlyMemory<float>> _models;

    /// <summary>Looks at n local models and the base they started from; nothing is copied.</summary>
    /// <param name="baseModel">The round's base model, d weights; d may be 0, and then all inner products are 0.</param>
    /// <param name="models">The n local models, d weights each, in arrays or mapped files (<see cref="MappedWeights"/>); n may be 0.</param>
    /// <exception cref="ArgumentException">A model has another length than the base.</exception>
    public UpdateRows(ReadOnlyMemory<float> baseModel, IReadOnlyList<ReadOnlyMemory<float>> models)
    {
        for (int i = 0; i < models.Count; i++)
        {
            if (models[i].Length != baseModel.Length)
            {
                throw new ArgumentException(
                    $"Row {i} has {models[i].Length} weights, but the base model has {baseModel.Length}.", nameof(models));
            }
        }
        _base = baseModel;
        _models = models;
    }

    /// <summary>Looks at n local models in arrays.</summary>
    /// <param name="baseModel">The round's base model, d weights.</param>
    /// <param name="models">The n local models, d weights each.</param>
    /// <exception cref="ArgumentException">A model has another length than the base.</exception>
    public UpdateRows(float[] baseModel, IReadOnlyList<float[]> models)
        : this(baseModel, [.. models.Select(model => (ReadOnlyMemory<float>)model)])
    {
    }

    /// <summary>n, the number of updates.</summary>
    public int Count => _models.Count;

    /// <summary>d, the number of weights.</summary>
    public int Length => _base.Length;

    /// <summary>The round's base model, d weights.</summary>
    public ReadOnlySpan<float> Base => _base.Span;

    /// <summary>The local model of row i, d weights.</summary>
    public ReadOnlySpan<float> Model(int row) => _models[row].Span;

    /// <summary>The n local models.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Models => _models;

    internal static int RoundUp(int length) => (length + TileSchedule.Lanes - 1) & -TileSchedule.Lanes;

    /// <summary>difference[i] = (double)left[i] - (double)right[i], eight at a time.</summary>
    internal static void Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<double> difference)
    {
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetReference(right[..left.Length]);
        ref double c = ref MemoryMarshal.GetReference(difference[..left.Length]);
        int i = 0;
        for (; i <= left.Length - 8; i += 8)
        {
            (Vector512.WidenLower(Vector256.LoadUnsafe(ref a, (nuint)i).ToVector512Unsafe())
                - Vector512.WidenLower(Vector256.LoadUnsafe(ref b, (nuint)i).ToVector512Unsafe())).StoreUnsafe(ref c, (nuint)i);
        }
        for (; i < left.Length; i++)
            Unsafe.Add(ref c, i) = (double)Unsafe.Add(ref a, i) - Unsafe.Add(ref b, i);
    }
}
