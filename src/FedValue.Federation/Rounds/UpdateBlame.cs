using System.Globalization;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>What an update consists of, as far as a refusal can blame one part of it.</summary>
public enum UpdatePart
{
    /// <summary>Who it says it is of.</summary>
    Participant,

    /// <summary>The round it was made for.</summary>
    Round,

    /// <summary>The digest it was announced with.</summary>
    Digest,

    /// <summary>The number of bytes it was announced with.</summary>
    Length,

    /// <summary>The number of examples it claims.</summary>
    Examples,

    /// <summary>The training loss it claims.</summary>
    Loss,

    /// <summary>The signature over all that.</summary>
    Signature,

    /// <summary>Its bytes.</summary>
    Body,

    /// <summary>One tensor of them.</summary>
    Tensor,
}

/// <summary>What exactly a refusal blames, as data beside its sentence; only the sentence stands on the ledger.</summary>
/// <param name="Part">Which part of the update.</param>
/// <param name="Expected">What it should have been; null: nothing shorter than the sentence says it.</param>
/// <param name="Came">What it was; null: likewise.</param>
/// <param name="Tensor">The name of the tensor where one is blamed; a text from outside.</param>
public sealed record UpdateBlame(UpdatePart Part, string? Expected = null, string? Came = null, string? Tensor = null)
{
    internal static UpdateBlame Of(ModelMismatchException other) => new(UpdatePart.Tensor, other.Expected, other.Actual, other.Tensor);

    internal static UpdateBlame Of(SafetensorsException malformed) => new(UpdatePart.Body, "safetensors", Text($"{malformed.Rule}"));

    internal static UpdateBlame Examples(long declared, long came) => new(UpdatePart.Examples, Text($"1 to {declared}"), Text($"{came}"));

    internal static UpdateBlame Loss(double came) => new(UpdatePart.Loss, "a finite number of 0 or more", Text($"{came}"));

    internal static UpdateBlame Round(int? open, int came) => new(
        UpdatePart.Round, open is { } number ? Text($"{number}") : "a round that is open", Text($"{came}"));

    /// <summary>In what another update differs from the one that was accepted: its bytes, or else what is claimed about them.</summary>
    internal static UpdateBlame Equivocation(UpdateAccepted earlier, UpdateClaim claim)
    {
        if (earlier.Update != claim.Update)
            return new UpdateBlame(UpdatePart.Digest, Text($"{earlier.Update}"), Text($"{claim.Update}"));
        return earlier.Examples != claim.Examples
            ? new UpdateBlame(UpdatePart.Examples, Text($"{earlier.Examples}"), Text($"{claim.Examples}"))
            : new UpdateBlame(UpdatePart.Loss, OrNothing(earlier.ClaimedLoss?.Value), OrNothing(claim.Loss));
    }

    /// <summary>The same text in every culture.</summary>
    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static string OrNothing(double? loss) => loss is { } value ? Text($"{value}") : "nothing";
}
