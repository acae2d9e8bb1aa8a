namespace FedValue.Federation.Rounds;

/// <summary>How far an update may go from the model its round began with, where the terms limit that.</summary>
/// <param name="Base">That model, d weights, shared by all updates: read only.</param>
/// <param name="Limit">The largest norm of local - base.</param>
public sealed record NormBound(float[] Base, double Limit);
