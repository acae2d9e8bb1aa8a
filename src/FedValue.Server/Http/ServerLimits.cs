namespace FedValue.Server.Http;

/// <summary>How much a server lets others ask of it.</summary>
public sealed record ServerLimits
{
    /// <summary>Connections at a time; one more is not accepted.</summary>
    public long Connections { get; set; } = 16_384;

    /// <summary>Uploads at a time; one more hears 503.</summary>
    public int ConcurrentUploads { get; set; } = 64;

    /// <summary>Event streams at a time in all; one more hears 503.</summary>
    public int EventStreams { get; set; } = 4096;

    /// <summary>Event streams at a time of one participant; one more hears 429.</summary>
    public int EventStreamsPerParticipant { get; set; } = 4;

    /// <summary>Bytes a second that a request's body brings at least, on average, once <see cref="BodyGraceSeconds"/> have passed.</summary>
    public double MinimumBodyRate { get; set; } = 16_384;

    /// <summary>How long a body may be slower than that at its beginning.</summary>
    public double BodyGraceSeconds { get; set; } = 10;

    /// <summary>How long a body may take in all; then 408.</summary>
    public double BodyDeadlineSeconds { get; set; } = 3600;

    /// <summary>The most bytes of a JSON body.</summary>
    public long JsonBytes { get; set; } = 65_536;

    /// <summary>The most bytes that a federation can be created from: settings, validation rows and model together.</summary>
    public long CreationBytes { get; set; } = 16L << 30;

    /// <summary>Failed signatures, tokens and refused updates that one address or participant may have in a minute; then 429.</summary>
    public int FailuresPerMinute { get; set; } = 60;

    /// <summary>How long a token to enrol holds.</summary>
    public double TokenHours { get; set; } = 72;

    /// <summary>How long an event stream is silent at most.</summary>
    public double HeartbeatSeconds { get; set; } = 15;

    /// <summary>The most threads of a valuation; 0: one per processor.</summary>
    public int Threads { get; set; }

    /// <summary>Why the limits cannot hold, as a sentence; null when they can.</summary>
    public string? Problem() =>
        Connections < 1 || ConcurrentUploads < 1 || EventStreams < 1 || EventStreamsPerParticipant < 1 || FailuresPerMinute < 1
            || JsonBytes < 1 || CreationBytes < 1 || Threads < 0
            ? "The counts and byte limits of the section FedValue are 1 or more, and threads 0 or more; correct the configuration."
            : MinimumBodyRate >= 0 && BodyGraceSeconds > 1 && BodyDeadlineSeconds > 0 && TokenHours > 0 && HeartbeatSeconds > 0
                && BodyDeadlineSeconds < 1e6 && TokenHours < 1e6 && HeartbeatSeconds < 1e6
                ? null
                : "The times of the section FedValue are above 0 and below a million, and bodyGraceSeconds is above 1; correct the configuration.";
}
