using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The weights of the model that was asked for last, read once for all who ask: the base of the round that takes updates. Where no norm is
/// limited, nothing is measured against it, and it is not read.
/// </summary>
/// <param name="setup">The federation, for its manifest and limit.</param>
/// <param name="blobs">Where models lie.</param>
public sealed class ModelCache(FederationSetup setup, IBlobStore blobs)
{
    readonly Lock _gate = new();
    (Digest Model, Task<float[]> Weights)? _last;

    /// <summary>What bounds updates that start from a model; null where nothing does.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    public async Task<NormBound?> BoundAsync(Digest model, CancellationToken cancellation) =>
        setup.Terms.NormLimit is { Value: var limit } ? new NormBound(await WeightsAsync(model, cancellation), limit) : null;

    Task<float[]> WeightsAsync(Digest model, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_last is not { } last || last.Model != model || last.Weights.IsFaulted)
            {
                _last = last = (model, Task.Run(
                    () => blobs.ReadWeightsAsync(setup.Manifest, model), CancellationToken.None)); // not one caller's to cancel
            }
            return last.Weights.WaitAsync(cancellation);
        }
    }
}
