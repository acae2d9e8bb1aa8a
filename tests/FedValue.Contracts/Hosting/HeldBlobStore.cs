using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Contracts.Hosting;

/// <summary>Blobs of which one can be held back: whoever asks for it waits until it is let go or the asker gives up; or some cannot be had.</summary>
/// <param name="blobs">Where they lie.</param>
public sealed class HeldBlobStore(IBlobStore blobs) : IBlobStore
{
    volatile Hold? _hold;

    /// <summary>Why a blob cannot be had; null: it can.</summary>
    public Func<Digest, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Holds back a blob after some readings of it.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="after">How many readings pass first.</param>
    /// <param name="most">How many readings are held; those after them pass.</param>
    public Hold HoldBack(Digest digest, int after = 0, int most = int.MaxValue) => _hold = new Hold(digest, after, most);

    /// <inheritdoc/>
    public async ValueTask<byte[]> GetAsync(Digest digest, CancellationToken ct = default)
    {
        if (_hold is { } hold && hold.Digest == digest)
            await hold.PassAsync(ct);
        return Fault(digest) is { } fault ? throw fault : await blobs.GetAsync(digest, ct);
    }

    /// <inheritdoc/>
    public ValueTask<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken ct = default) => blobs.PutAsync(content, ct);

    /// <inheritdoc/>
    public ValueTask<Digest> PutAsync(Stream content, Func<Digest, bool> keep, CancellationToken ct = default) =>
        blobs.PutAsync(content, keep, ct);

    /// <inheritdoc/>
    public ValueTask<bool> ContainsAsync(Digest digest, CancellationToken ct = default) => blobs.ContainsAsync(digest, ct);

    /// <summary>A blob that is held back.</summary>
    public sealed class Hold(Digest digest, int after, int most)
    {
        readonly TaskCompletionSource _asked = New(), _given = New(), _let = New();
        int _readings;

        /// <summary>Its name.</summary>
        public Digest Digest => digest;

        /// <summary>Somebody waits for it.</summary>
        public Task Asked => _asked.Task;

        /// <summary>Somebody who waited has given up.</summary>
        public Task GivenUp => _given.Task;

        /// <summary>How often it was asked for.</summary>
        public int Readings => Volatile.Read(ref _readings);

        /// <summary>Lets it go, for everybody.</summary>
        public void LetGo() => _let.TrySetResult();

        internal async Task PassAsync(CancellationToken cancellation)
        {
            int number = Interlocked.Increment(ref _readings) - after;
            if (number <= 0 || number > most)
                return;
            _asked.TrySetResult();
            try
            {
                await _let.Task.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                _given.TrySetResult();
                throw;
            }
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
