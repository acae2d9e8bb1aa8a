using System.Runtime.InteropServices;

namespace FedValue.Federation.Learning;

/// <summary>Weights for what computes with arrays.</summary>
static class WeightArrays
{
    /// <summary>The array that holds exactly these weights, or a copy of them where there is none.</summary>
    public static float[] AsArray(this ReadOnlyMemory<float> weights) =>
        MemoryMarshal.TryGetArray(weights, out ArraySegment<float> part) && part.Count == part.Array!.Length ? part.Array : weights.ToArray();
}
