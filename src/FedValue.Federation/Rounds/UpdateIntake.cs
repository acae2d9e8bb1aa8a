using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>What is wrong with the bytes of an update.</summary>
/// <param name="Reason">A short code: <c>malformed</c>, <c>mismatch</c>, <c>not-finite</c> or <c>norm</c>.</param>
/// <param name="Detail">What was expected and what came, as a sentence.</param>
public sealed record UpdateFault(string Reason, string Detail);

/// <summary>The bytes that came are not those that were claimed; nothing is known about what was meant, so nothing is recorded.</summary>
public sealed class UpdateDigestException(Digest claimed, Digest came) : Exception(
    $"The update was announced with the digest {claimed}, but the bytes that came have {came}; send them again.");

/// <summary>Reads the bytes of an update once, checks them and stores them: outside of any role's turn, several at once.</summary>
public static class UpdateIntake
{
    /// <summary>Stores the bytes when nothing is wrong with them; otherwise nothing is stored.</summary>
    /// <param name="setup">The federation, for its manifest and limits.</param>
    /// <param name="claim">What was claimed.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="blobs">Where they go.</param>
    /// <param name="cancellation">Stops reading; nothing is stored then.</param>
    /// <returns>What is wrong with the bytes; null when they are good and stored.</returns>
    /// <exception cref="UpdateDigestException">The bytes are not those that were claimed.</exception>
    public static async Task<UpdateFault?> StoreAsync(
        FederationSetup setup, UpdateClaim claim, Stream body, IBlobStore blobs, CancellationToken cancellation = default)
    {
        using var memory = new MemoryStream();
        await body.CopyToAsync(memory, cancellation);
        byte[] bytes = memory.ToArray();
        var came = Digest.Of(bytes);
        if (came != claim.Update)
            throw new UpdateDigestException(claim.Update, came);
        if (FaultOf(setup, bytes) is { } fault)
            return fault;
        await blobs.PutAsync(bytes, cancellation);
        return null;
    }

    static UpdateFault? FaultOf(FederationSetup setup, byte[] bytes)
    {
        float[] weights;
        try
        {
            weights = ModelFile.ReadWeights(setup.Network.Manifest, bytes);
        }
        catch (SafetensorsException failure)
        {
            return new UpdateFault("malformed", failure.Message);
        }
        catch (ModelMismatchException failure)
        {
            return new UpdateFault("mismatch", failure.Message);
        }
        return ModelFile.FindNotFinite(setup.Network.Manifest, weights) is { } at
            ? new UpdateFault("not-finite", $"Expected finite weights, but element {at.Offset} of tensor '{at.Tensor}' is {at.Value}.")
            : null;
    }
}
