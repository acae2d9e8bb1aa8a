using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;

namespace FedValue.Server.Federations;

/// <summary>
/// Which blobs participants may read, as a fold over the ledger: models, and what valuation published. Updates, validation rows, the state of
/// aggregators and what methods remember (sums of updates) are for the operator.
/// </summary>
sealed class BlobCatalog(ILedgerStore ledger, LedgerFeed feed)
{
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly HashSet<Digest> _models = [], _published = [];
    long _read;

    /// <summary>Whether the digest is that of a model that rounds begin with.</summary>
    public async Task<bool> IsModelAsync(Digest digest, CancellationToken cancellation) =>
        await AskAsync(() => _models.Contains(digest), cancellation);

    /// <summary>Whether participants may read the blob.</summary>
    public async Task<bool> IsPublishedAsync(Digest digest, CancellationToken cancellation) =>
        await AskAsync(() => _models.Contains(digest) || _published.Contains(digest), cancellation);

    async Task<bool> AskAsync(Func<bool> question, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_read < feed.Size)
            {
                await foreach (LedgerEntry entry in ledger.ReadAsync(_read, cancellation))
                {
                    Take(EventJson.Parse(entry.Bytes.Span));
                    _read = entry.Index + 1;
                }
            }
            return question();
        }
        finally
        {
            _turn.Release();
        }
    }

    void Take(LedgerEvent ledgerEvent)
    {
        switch (ledgerEvent)
        {
            case FederationCreated e:
                _models.Add(e.Model);
                _published.Add(e.Manifest);
                break;
            case RoundAggregated e:
                _models.Add(e.Model);
                break;
            case RoundValued e:
                _published.UnionWith(e.Valuations.SelectMany(valuation => new[] { valuation.Values, valuation.Errors }));
                _published.Add(e.Statistics);
                if (e.CoalitionUtilities is { } utilities)
                    _published.Add(utilities);
                break;
        }
    }
}
