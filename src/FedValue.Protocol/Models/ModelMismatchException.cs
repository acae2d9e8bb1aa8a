namespace FedValue.Protocol.Models;

/// <summary>A well-formed file is not of the model the manifest describes.</summary>
/// <param name="tensor">The name of the first tensor that is missing, different or not in the manifest.</param>
/// <param name="expected">Type and shape in the manifest, or that it has none.</param>
/// <param name="actual">Type and shape in the file, or that it has none.</param>
public sealed class ModelMismatchException(string tensor, string expected, string actual)
    : Exception(
        $"The file must have exactly the tensors of the model's manifest: for {Quoted.Text(tensor)} that is {expected}, but {actual} came;"
        + " send every tensor under its name there, with its type and shape.")
{
    internal const string None = "no tensor";

    /// <summary>The name of the first tensor that is missing, different or not in the manifest.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>Type and shape in the manifest, such as <c>F32 [10,64]</c>, or <c>no tensor</c>.</summary>
    public string Expected { get; } = expected;

    /// <summary>Type and shape in the file, such as <c>F32 [64,10]</c>, or <c>no tensor</c>.</summary>
    public string Actual { get; } = actual;
}
