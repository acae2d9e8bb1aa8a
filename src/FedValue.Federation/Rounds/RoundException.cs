namespace FedValue.Federation.Rounds;

/// <summary>What was asked does not fit the state of the federation's rounds; the message says what to do first.</summary>
public sealed class RoundException(string message) : Exception(message);
