using System.Text;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>The ledger itself: entries, receipts, proofs.</summary>
sealed class LedgerEndpoints(FederationRegistry registry, AccessControl access)
{
    const int EntriesByDefault = 100, EntriesMax = 1000;

    /// <summary>A page ends once it has this many bytes of entries.</summary>
    const long PageBytes = 4 << 20;

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/federations/{federation}");
        group.Get("/entries", EntriesAsync).Says<EntriesPage>("Entries in order.", 200, 400, 401, 403, 404).ForReaders()
            .Query("from", Fields.Whole(0), "The first entry of the page; left out: 0.")
            .Query("count", Fields.Whole(1, EntriesMax), "How many entries at most; left out: 100.");
        group.Get("/entries/{index}/receipt", ReceiptAsync).Says<ReceiptMessage>("A receipt in the tree as it is now.", 200, 401, 403, 404)
            .ForReaders();
        group.Get("/head", HeadAsync).Says<HeadReply>("Size, root, and that the ledger only grew.", 200, 400, 401, 403, 404).ForReaders()
            .Query("from", Fields.Whole(0), "The size of an earlier head, from which the growth is proven.")
            .Query("to", Fields.Whole(1), "The size of the head that it is proven to, where another one is to lead there too; left out: now.");
    }

    async Task<IResult> EntriesAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        long from = http.Request.Whole("from", 0, long.MaxValue) ?? 0;
        long count = http.Request.Whole("count", 1, EntriesMax) ?? EntriesByDefault;
        long size = federation.Feed.Size, bytes = 0;
        var entries = new List<EntryMessage>();
        if (from < size)
        {
            await foreach (LedgerEntry entry in federation.Ledger.ReadAsync(from, http.RequestAborted))
            {
                if (entry.Index >= size || entries.Count == count || bytes >= PageBytes)
                    break;
                entries.Add(new EntryMessage(entry.Index, entry.LeafHash, Encoding.UTF8.GetString(entry.Bytes.Span)));
                bytes += entry.Bytes.Length;
            }
        }
        return TypedResults.Ok(new EntriesPage(size, entries));
    }

    async Task<IResult> ReceiptAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        long index = http.Request.Place("index");
        return await federation.Host.ReceiptAsync(index, http.RequestAborted) is { } receipt
            ? TypedResults.Ok(ReceiptMessage.Of(receipt))
            : throw Problems.NotFound($"There is no entry {index} yet.");
    }

    async Task<IResult> HeadAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        long? to = http.Request.Whole("to", 1, long.MaxValue);
        if (http.Request.Whole("from", 0, to ?? long.MaxValue) is not (> 0 and var from))
        {
            if (to is not null)
                throw Problems.Field("from", "the size of an earlier head, 1 or more, because there is a to", http.Request.Query["from"].ToString());
            TreeHead head = federation.Feed.Head;
            return TypedResults.Ok(new HeadReply(head.Size, head.Root, []));
        }
        return await federation.Host.ConsistencyAsync(from, to, http.RequestAborted) is { } grown
            ? TypedResults.Ok(new HeadReply(grown.Head.Size, grown.Head.Root, grown.Proof))
            : throw Problems.NotFound($"The ledger never had {to ?? from} entries; if you saw so many, it was set back.");
    }
}
