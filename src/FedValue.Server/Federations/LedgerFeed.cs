using FedValue.Ledger.Merkle;

namespace FedValue.Server.Federations;

/// <summary>
/// How far a ledger has come, and a nudge when it goes on. It holds no entries: whoever is woken reads them from the store by their index, so a
/// slow reader costs nothing and misses nothing.
/// </summary>
sealed class LedgerFeed
{
    readonly Lock _lock = new();
    TaskCompletionSource _grown = New();
    TreeHead _head = new(0, MerkleHash.Empty);

    /// <summary>Size and root, as far as the state of the federation knows of them.</summary>
    public TreeHead Head => Volatile.Read(ref _head);

    /// <summary>How many entries there are, likewise.</summary>
    public long Size => Head.Size;

    /// <summary>Says that the ledger has grown.</summary>
    public void Announce(TreeHead head)
    {
        TaskCompletionSource grown;
        lock (_lock)
        {
            if (head.Size <= _head.Size)
                return;
            Volatile.Write(ref _head, head);
            (grown, _grown) = (_grown, New());
        }
        grown.SetResult();
    }

    /// <summary>Ends when there are more entries than this.</summary>
    public async Task WaitBeyondAsync(long size, CancellationToken cancellation)
    {
        Task grown;
        lock (_lock)
        {
            if (_head.Size > size)
                return;
            grown = _grown.Task;
        }
        await grown.WaitAsync(cancellation);
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
