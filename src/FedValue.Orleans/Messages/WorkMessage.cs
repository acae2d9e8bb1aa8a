namespace FedValue.Orleans.Messages;

/// <summary>Where the long work of a round stands.</summary>
/// <param name="IsDone">Whether its result is on the ledger.</param>
/// <param name="Step">What is being done now; null when nothing is.</param>
/// <param name="Failure">Why it ended without a result; the next question begins it again.</param>
/// <param name="Seconds">How long each method took; only from the activation that did the work.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.work")]
public sealed record WorkMessage(bool IsDone, string? Step, FailureMessage? Failure, Dictionary<string, double> Seconds)
{
    internal static WorkMessage Done(Dictionary<string, double>? seconds = null) => new(true, null, null, seconds ?? []);

    internal static WorkMessage Running(string? step) => new(false, step, null, []);

    internal static WorkMessage Failed(FailureMessage failure) => new(false, null, failure, []);
}
