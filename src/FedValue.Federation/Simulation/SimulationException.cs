namespace FedValue.Federation.Simulation;

/// <summary>What was asked for cannot be simulated; the message is one sentence for the person who asked.</summary>
public sealed class SimulationException(string message) : Exception(message);
