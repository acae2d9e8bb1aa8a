namespace FedValue.Protocol.Models;

/// <summary>Where a weight tensor lies in the flat weight vector of length d.</summary>
/// <param name="Tensor">The weight tensor.</param>
/// <param name="Offset">The index of its first element in the vector.</param>
/// <param name="Count">Its number of elements; the next weight tensor starts at <c>Offset + Count</c>.</param>
public sealed record WeightSlice(TensorSpec Tensor, long Offset, long Count);
