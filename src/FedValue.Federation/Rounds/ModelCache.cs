using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The weights of the model that was asked for last, opened once for all who ask: the base of the round that takes updates. They are given back
/// when another model is asked for and nobody needs them any more. Where no norm is limited, nothing is measured against it, and it is not read.
/// </summary>
/// <param name="setup">The federation, for its manifest and limit.</param>
/// <param name="blobs">Where models lie.</param>
public sealed class ModelCache(FederationSetup setup, IBlobStore blobs) : IDisposable
{
    readonly Lock _gate = new();
    Opened? _last;

    /// <summary>What bounds updates that start from a model, to be disposed of when one was looked at; null where nothing does.</summary>
    /// <exception cref="BlobException">The blob is missing or damaged.</exception>
    public async Task<NormBound?> BoundAsync(Digest model, CancellationToken cancellation)
    {
        if (setup.Terms.NormLimit is not { Value: var limit })
            return null;
        Opened opened = Take(model);
        try
        {
            StoredWeights weights = await opened.Weights.WaitAsync(cancellation);
            return new NormBound(weights.Values, limit) { Done = () => Leave(opened) };
        }
        catch
        {
            Leave(opened);
            throw;
        }
    }

    /// <summary>Gives the weights back, as soon as nobody needs them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_last is { } last)
                Leave(last);
            _last = null;
        }
    }

    Opened Take(Digest model)
    {
        lock (_gate)
        {
            if (_last is not { } last || last.Model != model || last.Weights.IsFaulted)
            {
                Dispose();
                // Not one caller's to cancel.
                _last = last = new Opened(model, Task.Run(() => StoredWeights.OpenAsync(
                    blobs, setup.Manifest, model, buffers: false, CancellationToken.None), CancellationToken.None));
            }
            last.Users++;
            return last;
        }
    }

    void Leave(Opened opened)
    {
        lock (_gate)
        {
            if (--opened.Users > 0)
                return;
        }
        opened.Weights.ContinueWith(
            weights => weights.Result.Dispose(), CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    sealed class Opened(Digest model, Task<StoredWeights> weights)
    {
        public Digest Model => model;

        public Task<StoredWeights> Weights => weights;

        /// <summary>Who needs the weights: the cache itself, and every bound.</summary>
        public int Users { get; set; } = 1;
    }
}
