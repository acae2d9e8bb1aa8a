using FedValue.Ledger;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>Uploads an update: signed once, sent as often as it takes.</summary>
sealed class Upload(Connection connection, string path, LedgerName ledger)
{
    /// <summary>From this length on the server is asked whether it wants the body before it is sent.</summary>
    const long AskFrom = 1 << 20;

    public async Task<UploadReply> RunAsync(int round, Digest model, LocalUpdate update, CancellationToken cancellation)
    {
        Digest digest = await update.DigestAsync(cancellation);
        DoubleBits? loss = update.Loss is { } said ? new DoubleBits(said) : null;
        string signature = connection.Sign(Statements.Update(ledger, round, model, connection.Participant, digest, update.Examples, loss));
        return await connection.SendAsync((_, stall) =>
        {
            HttpRequestMessage request = connection.Request(HttpMethod.Put, path);
            request.Content = new UpdateContent(update, stall);
            request.Headers.ExpectContinue = update.Length >= AskFrom;
            request.Headers.Add("FedValue-Update", digest.ToString());
            request.Headers.Add("FedValue-Examples", FormattableString.Invariant($"{update.Examples}"));
            if (loss is { } bits)
                request.Headers.Add("FedValue-Loss", bits.ToString());
            request.Headers.Add("FedValue-Signature", signature);
            return request;
        }, ledger: null, Connection.ReadAsync<UploadReply>, cancellation);
    }
}
