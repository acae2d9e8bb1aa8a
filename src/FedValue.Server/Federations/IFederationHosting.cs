using FedValue.Federation.Hosting;
using FedValue.Kernels;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;

namespace FedValue.Server.Federations;

/// <summary>What gives the roles of the server's federations their turns.</summary>
public interface IFederationHosting
{
    /// <summary>Activity sources of its own that belong to the server's traces, beside <see cref="RoundTracing.SourceName"/>.</summary>
    IReadOnlyList<string> ActivitySources => [];

    /// <summary>Meters of its own that belong to the server's metrics, likewise.</summary>
    IReadOnlyList<string> Meters => [];

    /// <summary>Opens the host of a federation, new or old, on its stores.</summary>
    /// <param name="federation">Its name.</param>
    /// <param name="ledger">Its ledger; not disposed by the host.</param>
    /// <param name="blobs">Its blobs.</param>
    /// <param name="threads">How many threads one aggregation or valuation may use; changes no bit.</param>
    /// <param name="clock">Gives the times on the ledger.</param>
    /// <param name="appended">Told, from any thread, that the ledger has grown; may be told late or twice.</param>
    /// <param name="cancellation">Stops reading.</param>
    Task<IFederationHost> OpenAsync(
        string federation, ILedgerStore ledger, IBlobStore blobs, int threads, TimeProvider clock, Action<TreeHead> appended,
        CancellationToken cancellation);
}

/// <summary>Every role in this process.</summary>
public sealed class InProcessHosting : IFederationHosting
{
    /// <inheritdoc/>
    public async Task<IFederationHost> OpenAsync(
        string federation, ILedgerStore ledger, IBlobStore blobs, int threads, TimeProvider clock, Action<TreeHead> appended,
        CancellationToken cancellation) =>
        await InProcessHost.OpenAsync(ledger, blobs, new CpuBackend(threads), clock, appended: appended, cancellation: cancellation);
}
