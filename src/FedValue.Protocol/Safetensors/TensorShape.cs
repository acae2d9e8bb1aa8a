namespace FedValue.Protocol.Safetensors;

/// <summary>Arithmetic on shapes: rank 0 is a scalar of one element, and dimensions may be 0.</summary>
static class TensorShape
{
    /// <summary>
    /// The elements and bytes of a tensor; false if the product of the dimensions, or its number of bits, does not fit 63 bits.
    /// Dimensions are multiplied in order, so a large prefix is refused even when a 0 follows, as in the reference parser.
    /// </summary>
    public static bool TryMeasure(TensorType type, ReadOnlySpan<long> shape, out long elements, out long bytes)
    {
        bytes = 0;
        elements = 1;
        foreach (long dimension in shape)
        {
            if (dimension != 0 && elements > long.MaxValue / dimension)
                return false;
            elements *= dimension;
        }

        if (elements > long.MaxValue / (8 * type.Width()))
            return false;
        bytes = elements * type.Width();
        return true;
    }

    /// <summary>Type and shape for an error message, such as <c>F32 [10,64]</c>.</summary>
    public static string Describe(TensorType type, IReadOnlyCollection<long> shape)
    {
        const int shown = 16;
        string dimensions = string.Join(',', shape.Take(shown));
        return shape.Count <= shown ? $"{type} [{dimensions}]" : $"{type} [{dimensions},...] of rank {shape.Count}";
    }
}
