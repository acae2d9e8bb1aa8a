using System.Runtime.Intrinsics;
using FedValue.Kernels.Products;

namespace FedValue.Kernels.Tiles;

/// <summary>
/// A dense layer on tiles of 32 rows of data that lie side by side: an activation is [unit, row]. So the output of a layer is the next one's
/// input as it is, and a row is a lane from the features to its loss. Every pre-activation is the bias and then one chain of fused
/// multiply-adds in ascending input, the bits of <see cref="MatrixProduct"/>.
/// </summary>
/// <param name="inputs">How many inputs.</param>
/// <param name="outputs">How many units.</param>
public sealed class TileLayer(int inputs, int outputs)
{
    /// <summary>Rows of data per tile.</summary>
    public const int Rows = 32;

    /// <summary>How many inputs.</summary>
    public int Inputs => inputs;

    /// <summary>How many units.</summary>
    public int Outputs => outputs;

    /// <summary>Units rounded up to what one step computes; those beyond have weight and bias 0.</summary>
    public int PaddedOutputs { get; } =
        Vector512.IsHardwareAccelerated ? TileProduct<Kernel512, Kernel512Rest>.Padded(outputs)
        : Vector256.IsHardwareAccelerated ? TileProduct<Kernel256, Kernel256>.Padded(outputs)
        : Vector128.IsHardwareAccelerated ? TileProduct<Kernel128, Kernel128>.Padded(outputs)
        : TileProduct<KernelScalar, KernelScalar>.Padded(outputs);

    /// <summary>Floats of the packed weights: their order depends on the machine, their values do not.</summary>
    public int PackedLength => PaddedOutputs * inputs;

    /// <summary>Floats of the output of one tile.</summary>
    public int OutputLength => PaddedOutputs * Rows;

    /// <summary>Packs weights (outputs x inputs, row-major).</summary>
    public void Pack(ReadOnlySpan<float> weights, Span<float> packed)
    {
        if (Vector512.IsHardwareAccelerated)
            TileProduct<Kernel512, Kernel512Rest>.Pack(weights, inputs, outputs, packed);
        else if (Vector256.IsHardwareAccelerated)
            TileProduct<Kernel256, Kernel256>.Pack(weights, inputs, outputs, packed);
        else if (Vector128.IsHardwareAccelerated)
            TileProduct<Kernel128, Kernel128>.Pack(weights, inputs, outputs, packed);
        else
            TileProduct<KernelScalar, KernelScalar>.Pack(weights, inputs, outputs, packed);
    }

    /// <summary>output (padded units x 32) = biases (padded units) + packed weights times input (inputs x 32).</summary>
    public void Apply(ReadOnlySpan<float> packed, ReadOnlySpan<float> biases, ReadOnlySpan<float> input, Span<float> output)
    {
        Begin(biases, output);
        Add(packed, 0, input[..(inputs * Rows)], output);
    }

    /// <summary>output (padded units x 32) = biases (padded units): no input yet.</summary>
    public void Begin(ReadOnlySpan<float> biases, Span<float> output)
    {
        for (int unit = 0; unit < PaddedOutputs; unit++)
            output.Slice(unit * Rows, Rows).Fill(biases[unit]);
    }

    /// <summary>
    /// output += packed weights of some inputs times those inputs. All inputs, in ascending order and however they are divided, give the bits of
    /// <see cref="Apply"/>.
    /// </summary>
    /// <param name="packed">The weights of all inputs.</param>
    /// <param name="first">The first of the inputs.</param>
    /// <param name="input">From 1 input to the rest of them, x 32.</param>
    /// <param name="output">Padded units x 32.</param>
    public void Add(ReadOnlySpan<float> packed, int first, ReadOnlySpan<float> input, Span<float> output)
    {
        if (Vector512.IsHardwareAccelerated)
            TileProduct<Kernel512, Kernel512Rest>.MultiplyAdd(packed, inputs, first, input, outputs, output);
        else if (Vector256.IsHardwareAccelerated)
            TileProduct<Kernel256, Kernel256>.MultiplyAdd(packed, inputs, first, input, outputs, output);
        else if (Vector128.IsHardwareAccelerated)
            TileProduct<Kernel128, Kernel128>.MultiplyAdd(packed, inputs, first, input, outputs, output);
        else
            TileProduct<KernelScalar, KernelScalar>.MultiplyAdd(packed, inputs, first, input, outputs, output);
    }
}
