namespace FedValue.Federation.Rounds;

/// <summary>A setting of a federation names something unknown, or what is not possible with its model and validation rows.</summary>
/// <param name="setting">The setting to blame, spelled as in <see cref="Ledger.TermsFault.Term"/>.</param>
/// <param name="message">What was expected, what came and what to do.</param>
public sealed class SettingException(string setting, string message) : FormatException(message)
{
    /// <summary>The setting to blame.</summary>
    public string Setting { get; } = setting;
}
