namespace FedValue.Orleans.Hosting;

/// <summary>What the roles of a silo take for the time. Orleans itself goes by the time that really passes.</summary>
/// <param name="Ledger">Gives the times on the ledgers.</param>
/// <param name="Sampling">What a time limit of the sampling terms goes by.</param>
public sealed record FederationClocks(TimeProvider Ledger, TimeProvider Sampling);
