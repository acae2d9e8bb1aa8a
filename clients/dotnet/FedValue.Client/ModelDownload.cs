using System.Net;
using System.Security.Cryptography;
using FedValue.Ledger;
using FedValue.Ledger.Signing;

namespace FedValue.Client;

/// <summary>Downloads a model: a file named by its digest never changes, so a connection that is lost is resumed where it was.</summary>
sealed class ModelDownload(Connection connection, string path, LedgerName ledger)
{
    const int PieceLength = 1 << 16;

    public async Task RunAsync(Digest model, Stream destination, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[PieceLength];
        long written = 0;
        await connection.SendAsync((_, _) =>
        {
            HttpRequestMessage request = connection.Request(HttpMethod.Get, path);
            if (written > 0)
                request.Headers.Range = new(written, null);
            return request;
        }, ledger, async (response, stall) =>
        {
            long skip = response.StatusCode == HttpStatusCode.PartialContent ? 0 : written; // a server may send the whole file again
            using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
            while (await body.ReadAsync(buffer, stall.Token) is > 0 and var read)
            {
                stall.Moved();
                int old = (int)Math.Min(skip, read);
                skip -= old;
                hash.AppendData(buffer.AsSpan(old, read - old));
                await WriteAsync(destination, buffer.AsMemory(old, read - old), cancellation);
                written += read - old;
            }
            return written;
        }, cancellation);
        if (new Digest(hash.GetHashAndReset()) is var came && came != model)
            throw new TamperingException($"The model {model} was asked for, but what the server sent has the digest {came}.");
    }

    /// <summary>What the destination does not take is no lost connection, and asking again would not help.</summary>
    static async Task WriteAsync(Stream destination, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await destination.WriteAsync(bytes, cancellation);
        }
        catch (IOException full)
        {
            throw new InvalidOperationException($"The model could not be written where it was to go: {full.Message}", full);
        }
    }
}
