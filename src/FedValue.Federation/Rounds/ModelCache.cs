using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>The weights of the model that was asked for last, read once for all who ask: the base of the round that takes updates.</summary>
/// <param name="manifest">The model's manifest.</param>
/// <param name="blobs">Where models lie.</param>
public sealed class ModelCache(ModelManifest manifest, IBlobStore blobs)
{
    readonly Lock _gate = new();
    (Digest Model, Task<float[]> Weights)? _last;

    /// <summary>d weights, shared by all callers: read only.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    public Task<float[]> WeightsAsync(Digest model, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_last is not { } last || last.Model != model || last.Weights.IsFaulted)
                _last = last = (model, Task.Run(() => blobs.ReadWeightsAsync(manifest, model), CancellationToken.None)); // not one caller's to cancel
            return last.Weights.WaitAsync(cancellation);
        }
    }
}
