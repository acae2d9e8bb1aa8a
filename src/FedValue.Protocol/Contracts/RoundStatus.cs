namespace FedValue.Protocol.Contracts;

/// <summary>Where a federation is, as <see cref="RoundAnnouncement.Status"/> says it.</summary>
public static class RoundStatus
{
    /// <summary>A round takes updates.</summary>
    public const string Open = "open";

    /// <summary>A round is aggregated, valued and paid.</summary>
    public const string Closing = "closing";

    /// <summary>Between two rounds.</summary>
    public const string None = "none";

    /// <summary>The federation has ended.</summary>
    public const string Closed = "closed";
}
