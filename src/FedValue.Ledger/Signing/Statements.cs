using System.Globalization;
using System.Text;

namespace FedValue.Ledger.Signing;

/// <summary>
/// What participants sign, as text: a first line that names the kind of statement, then <c>name: value</c> lines in a fixed order, each ended by
/// LF, in UTF-8. <c>ledger</c> is the leaf hash of the federation's first entry, so a signature holds for one set of terms only.
/// </summary>
public static class Statements
{
    /// <summary>The statement that goes with an update.</summary>
    /// <param name="ledger">The ledger it is meant for.</param>
    /// <param name="round">The round.</param>
    /// <param name="model">The digest of the model that the round began with.</param>
    /// <param name="participant">Who signs.</param>
    /// <param name="update">The digest of the update's bytes.</param>
    /// <param name="examples">How many examples it trained on, as it says.</param>
    /// <param name="loss">Its training loss as it says, in nats; null: it says none.</param>
    public static byte[] Update(
        LedgerName ledger, int round, Digest model, string participant, Digest update, long examples, DoubleBits? loss) =>
        Text("fedvalue update 1", ledger,
            ("round", round.ToString(CultureInfo.InvariantCulture)), ("model", model.ToString()), ("participant", participant),
            ("update", update.ToString()), ("examples", examples.ToString(CultureInfo.InvariantCulture)), ("loss", loss?.ToString() ?? "none"));

    /// <summary>The statement by which a participant puts another key in the place of its own; the old key signs.</summary>
    public static byte[] Key(LedgerName ledger, string participant, string publicKey) =>
        Text("fedvalue key 1", ledger, ("participant", participant), ("key", publicKey));

    /// <summary>The statement by which a participant shows who it is when it asks for something.</summary>
    /// <param name="ledger">The ledger of the federation that it asks about.</param>
    /// <param name="participant">Who signs.</param>
    /// <param name="method">The HTTP method, in capitals.</param>
    /// <param name="path">The path with its query, as sent.</param>
    /// <param name="time">Seconds since 1970-01-01 UTC, by the participant's clock.</param>
    public static byte[] Request(LedgerName ledger, string participant, string method, string path, long time) =>
        Text("fedvalue request 1", ledger,
            ("participant", participant), ("method", method), ("path", path), ("time", time.ToString(CultureInfo.InvariantCulture)));

    static byte[] Text(string kind, LedgerName ledger, params ReadOnlySpan<(string Name, string Value)> lines)
    {
        var text = new StringBuilder(kind).Append('\n');
        text.Append("federation: ").Append(ledger.Federation).Append("\nledger: ").Append(ledger.FirstEntry).Append('\n');
        foreach ((string name, string value) in lines)
            text.Append(name).Append(": ").Append(value).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

/// <summary>Which ledger a statement is about.</summary>
/// <param name="Federation">The federation's name.</param>
/// <param name="FirstEntry">The leaf hash of the ledger's first entry, which holds the terms.</param>
public sealed record LedgerName(string Federation, Digest FirstEntry);
