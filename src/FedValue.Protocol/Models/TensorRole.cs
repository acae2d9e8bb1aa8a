namespace FedValue.Protocol.Models;

/// <summary>What a tensor is to a federation.</summary>
public enum TensorRole
{
    /// <summary>Trained: part of the flat weight vector, of norms, inner products and coalitions.</summary>
    Weight,

    /// <summary>Carried along, such as running statistics or a batch counter: never in the weight vector.</summary>
    Buffer,
}
