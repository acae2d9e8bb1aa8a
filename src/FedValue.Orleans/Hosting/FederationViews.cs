using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Orleans.Hosting;

/// <summary>
/// The ledgers as the grains of a silo see them: each folded once per silo, not once per participant, whose thousand grains would otherwise read
/// the whole ledger each, and forgotten when no grain looks at it any more. Any number of callers.
/// </summary>
public sealed class FederationViews(IFederationStores stores)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, WeakReference<SharedView>> _views = new(StringComparer.Ordinal);

    /// <summary>The view of a federation's ledger; it is read when it is asked. What it has read is kept while somebody holds it.</summary>
    public ILedgerView Of(string federation)
    {
        ILedgerStore store = stores.Ledger(federation);
        lock (_lock)
        {
            if (_views.TryGetValue(federation, out WeakReference<SharedView>? known) && known.TryGetTarget(out SharedView? view)
                && view.Store == store)
                return view;
            view = new SharedView(store);
            _views[federation] = new WeakReference<SharedView>(view);
            return view;
        }
    }

    /// <summary>
    /// Answers with what the ledger held when the question came, or later. One reading runs at a time, and all who ask meanwhile share the next
    /// one, which begins after they asked.
    /// </summary>
    sealed class SharedView(ILedgerStore store) : ILedgerView
    {
        readonly Lock _lock = new();
        Task? _running;
        Task<FederationState>? _next;
        StoreLedgerView? _view; // of the reading that runs

        public ILedgerStore Store => store;

        public async ValueTask<FederationState> CurrentAsync(CancellationToken cancellation = default)
        {
            Task<FederationState> reading;
            lock (_lock)
            {
                Task? before = _running;
                // On the pool: a reading that many grains wait for must not need the turn of one of them.
                reading = _next ??= Task.Run(() => ReadAfterAsync(before), CancellationToken.None);
            }
            return await reading.WaitAsync(cancellation);
        }

        public Task<AcceptedBefore?> FindAcceptedAsync(int round, string participant, CancellationToken cancellation = default) =>
            LedgerSearch.AcceptedAsync(store, round, participant, cancellation);

        async Task<FederationState> ReadAfterAsync(Task? before)
        {
            if (before is not null)
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_lock)
                (_running, _next) = (_next, null);
            try
            {
                _view ??= await StoreLedgerView.OpenAsync(store);
                return await _view.CurrentAsync();
            }
            catch
            {
                _view = null; // whatever is wrong with the ledger, it is read anew when somebody asks again
                throw;
            }
        }
    }
}
