using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;

namespace FedValue.Federation.Rounds;

/// <summary>What is wrong with the bytes of an update.</summary>
/// <param name="Reason">A short code: <c>malformed</c>, <c>mismatch</c>, <c>not-finite</c>, <c>norm</c> or <c>not-measurable</c>.</param>
/// <param name="Detail">What was expected and what came, as a sentence.</param>
/// <param name="Blame">The same as data.</param>
public sealed record UpdateFault(string Reason, string Detail, UpdateBlame Blame);

/// <summary>The bytes that came are not those that were claimed; nothing is known about what was meant, so nothing is recorded or stored.</summary>
public abstract class UpdateBodyException(string message, UpdateBlame blame) : Exception(message)
{
    /// <summary>What was announced and what came.</summary>
    public UpdateBlame Blame => blame;
}

/// <summary>They have another digest.</summary>
public sealed class UpdateDigestException(Digest claimed, Digest came) : UpdateBodyException(
    $"The update was announced with the digest {claimed}, but the bytes that came have {came}; send them again.",
    new UpdateBlame(UpdatePart.Digest, claimed.ToString(), came.ToString()));

/// <summary>There are fewer of them, or more.</summary>
public sealed class UpdateLengthException(long claimed, long came) : UpdateBodyException(came < claimed
    ? $"The update was announced with {claimed} bytes, but ended after {came}; send it again."
    : $"The update was announced with {claimed} bytes, but more came; announce all of them and send it again.",
    new UpdateBlame(UpdatePart.Length, UpdateBlame.Text($"{claimed} bytes"), came < claimed ? UpdateBlame.Text($"{came}") : "more"));

/// <summary>
/// Reads the bytes of an update once, checks them and stores them: outside of any role's turn, several at once. It holds a few pieces of the
/// body, however long that is; where there are validation rows, then also the d weights that are measured on them.
/// </summary>
public static class UpdateIntake
{
    /// <summary>
    /// Stores the bytes when nothing is wrong with them; otherwise nothing is stored, but for a model without a finite validation loss, whose
    /// bytes stay as a blob that no entry accepts.
    /// </summary>
    /// <param name="setup">The federation, for its manifest and validation rows.</param>
    /// <param name="bound">How far the update may be from the model the round began with; null: any norm.</param>
    /// <param name="claim">What was claimed.</param>
    /// <param name="body">The bytes; bad ones too are read to their end, because only then it is known that they are those that were claimed.</param>
    /// <param name="blobs">Where they go.</param>
    /// <param name="cancellation">Stops reading; nothing is stored then.</param>
    /// <returns>What is wrong with the bytes; null when they are good and stored.</returns>
    /// <exception cref="UpdateBodyException">The bytes are not those that were claimed.</exception>
    public static async Task<UpdateFault?> StoreAsync(
        FederationSetup setup, NormBound? bound, UpdateClaim claim, Stream body, IBlobStore blobs, CancellationToken cancellation = default)
    {
        var inspection = new UpdateInspection(setup.Manifest, bound, claim.Bytes);
        await using var inspected = new InspectedBody(body, claim.Bytes, inspection);
        Digest came = await blobs.PutAsync(inspected, digest => digest == claim.Update && inspection.Complete() is null, cancellation);
        if (came != claim.Update)
            throw new UpdateDigestException(claim.Update, came);
        if (inspection.Complete() is { } fault)
            return fault;
        // Measured from the store, because a model has to be whole; stores delete nothing, so what is refused here stays, and nothing needs it.
        return setup.Validation is null ? null
            : UpdateMeasure.Problem(setup, await blobs.ReadWeightsAsync(setup.Manifest, came, cancellation));
    }
}
