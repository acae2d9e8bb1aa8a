namespace FedValue.Protocol.Safetensors;

/// <summary>A safetensors file was refused.</summary>
/// <param name="rule">The rule the file breaks.</param>
/// <param name="message">What was expected, what came and what to do.</param>
public sealed class SafetensorsException(SafetensorsRule rule, string message) : FormatException(message)
{
    /// <summary>The rule the file breaks.</summary>
    public SafetensorsRule Rule { get; } = rule;
}
