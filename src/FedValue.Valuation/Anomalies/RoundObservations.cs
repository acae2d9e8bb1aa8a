namespace FedValue.Valuation.Anomalies;

/// <summary>What one round shows about its n updates, in the canonical order of their participants.</summary>
/// <param name="Participants">n ids.</param>
/// <param name="SquaredNorms">Squared norms of the updates, n numbers.</param>
/// <param name="Gram">Inner products of all pairs of updates, n x n; null where no Gram matrix was kept.</param>
/// <param name="Examples">The examples each claims to have trained on, n numbers.</param>
/// <param name="Repetitions">Of each what it sent that was already there, bit for bit; null for an update of its own.</param>
/// <param name="OwnDistances">
/// How far each update is from the nearer of its participant's first and previous one, over that one's norm; null where there is none yet.
/// </param>
/// <param name="StepDistances">
/// How far each update is from the federation's last step (since the round before, or since the participant's last round), over that step's
/// norm; null in a first round.
/// </param>
/// <param name="LossRatios">
/// The training loss each claims over the validation loss of its own model, as the server measures it; null where none is claimed.
/// </param>
public sealed record RoundObservations(
    IReadOnlyList<string> Participants,
    IReadOnlyList<double> SquaredNorms,
    IReadOnlyList<double>? Gram,
    IReadOnlyList<long> Examples,
    IReadOnlyList<Repetition?> Repetitions,
    IReadOnlyList<double?> OwnDistances,
    IReadOnlyList<double?> StepDistances,
    IReadOnlyList<double?> LossRatios)
{
    /// <summary>n.</summary>
    public int Count => Participants.Count;
}

/// <summary>What a participant sent instead of an update of its own.</summary>
/// <param name="Kind">What it repeats.</param>
/// <param name="Of">Whose update it is, for a copy; else null.</param>
public sealed record Repetition(RepetitionKind Kind, string? Of = null);

/// <summary>What a participant may repeat bit for bit.</summary>
public enum RepetitionKind
{
    /// <summary>The model the round began with.</summary>
    RoundModel,

    /// <summary>The model an earlier round began with.</summary>
    EarlierModel,

    /// <summary>The update of another participant of the round.</summary>
    OtherUpdate,

    /// <summary>An update it sent in an earlier round.</summary>
    OwnUpdate,
}
