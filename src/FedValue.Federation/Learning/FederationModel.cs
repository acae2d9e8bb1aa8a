using System.Collections.Immutable;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Learning;

/// <summary>What a federation trains, as it is before the first round.</summary>
public sealed class FederationModel
{
    /// <summary>The longest file of a model, in bytes.</summary>
    public static int FileLengthMax => Array.MaxLength;

    FederationModel(ModelManifest manifest, Network? network, float[] weights, ImmutableArray<Tensor> buffers)
    {
        if (manifest.WeightCount == 0)
            throw new FormatException("A model has at least one weight, but the manifest has none; name fewer tensors as buffers.");
        if (manifest.FileLengthMax > FileLengthMax)
        {
            long most = FileLengthMax - (manifest.FileLengthMax - manifest.DataLength);
            throw new FormatException(
                $"A model's file is read into memory, so its tensors have at most {most} bytes, but those of this manifest have "
                + $"{manifest.DataLength}; federate a part of the model, or send weights of a shorter type.");
        }
        if (ModelFile.FindNotFinite(manifest, weights) is { } weight)
            throw NotFinite(weight.Tensor.Name, weight.Offset, weight.Value);
        if (ModelFile.FindNotFinite(buffers) is { } buffer)
            throw NotFinite(buffer.Tensor, buffer.Offset, buffer.Value);
        (Manifest, Network, Weights, Buffers) = (manifest, network, weights, buffers);
    }

    /// <summary>What its tensors are.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Its layers, so that this program can train and measure it; null where only the manifest is known.</summary>
    public Network? Network { get; }

    /// <summary>d weights.</summary>
    public float[] Weights { get; }

    /// <summary>The manifest's buffers in its order.</summary>
    public ImmutableArray<Tensor> Buffers { get; }

    /// <summary>A model whose layers are known.</summary>
    /// <exception cref="FormatException">A weight is not finite.</exception>
    public static FederationModel Native(Network network, float[] weights) => new(network.Manifest, network, weights, []);

    /// <summary>The model in a file.</summary>
    /// <param name="architecture">The layers, for example <c>softmax</c> or <c>mlp:64,32</c>; empty where only the manifest is known.</param>
    /// <param name="manifest">What the tensors are.</param>
    /// <param name="file">Safetensors.</param>
    /// <exception cref="FormatException">
    /// The file is not well formed, holds a number that is not finite, or the manifest is not that of the architecture.
    /// </exception>
    /// <exception cref="ModelMismatchException">The file is not of this manifest.</exception>
    public static FederationModel Read(string architecture, ModelManifest manifest, ReadOnlyMemory<byte> file) => new(
        manifest, architecture == "" ? null : NetworkOf(Architecture.Parse(architecture), manifest),
        ModelFile.ReadWeights(manifest, file), ModelFile.ReadBuffers(manifest, file));

    /// <summary>The file of the model; F64 weights are those that fp32 can hold.</summary>
    public byte[] ToFile() => ModelFile.Write(Manifest, Weights, Buffers);

    static Network NetworkOf(Architecture architecture, ModelManifest manifest)
    {
        // Of any native model, the first tensor is a matrix whose columns are features, the last one the bias of the logits.
        if (manifest.Tensors is [{ Shape: [_, > 0 and <= int.MaxValue and var features] }, .., { Shape: [> 0 and <= int.MaxValue and var classes] }])
        {
            var network = new Network(architecture, (int)features, (int)classes);
            if (network.Manifest.ToJson().AsSpan().SequenceEqual(manifest.ToJson()))
                return network;
        }
        throw new FormatException($"The manifest is not that of a model '{architecture.Spec}'; leave the architecture empty for other models.");
    }

    static FormatException NotFinite(string tensor, long offset, double value) =>
        new($"A federation begins with finite numbers, but element {offset} of tensor '{tensor}' is {value}.");
}
