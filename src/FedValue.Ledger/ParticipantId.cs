namespace FedValue.Ledger;

/// <summary>The rules for participant ids. Participants are ordered by the ordinal order of their ids, everywhere.</summary>
public static class ParticipantId
{
    /// <summary>The longest id.</summary>
    public const int LengthMax = 64;

    /// <summary>The account that receives a budget nobody earned; no participant may have this name.</summary>
    public const string Unallocated = "unallocated";

    const string Allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    /// <summary>Why the text cannot be a participant's id, as a sentence; null when it can.</summary>
    public static string? Problem(string id) => id switch
    {
        "" => "A participant id must not be empty.",
        { Length: > LengthMax } => $"A participant id has at most {LengthMax} characters, but '{id}' has {id.Length}.",
        "." or ".." => $"A participant id must not be '{id}', which means a folder wherever ids become part of an address.",
        Unallocated => $"'{Unallocated}' is the account for budgets nobody earned, so no participant can have that id.",
        _ when id.AsSpan().ContainsAnyExcept(Allowed) =>
            $"A participant id is made of letters a-z A-Z, digits and . _ -, but '{id}' has another character.",
        _ => null,
    };
}
