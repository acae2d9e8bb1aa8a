using System.Net;
using FedValue.Ledger;

namespace FedValue.Client;

/// <summary>The server refused a request, or could not be reached for as long as the client tried; the message is its sentence.</summary>
public sealed class FederationException : Exception
{
    internal FederationException(string message, HttpStatusCode? status = null, string? code = null, Exception? inner = null)
        : base(message, inner) => (Status, Code) = (status, code);

    /// <summary>The HTTP status; null where no answer came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The server's short code, for example <c>equivocation</c> or <c>wrong-round</c>; null where it gave none.</summary>
    public string? Code { get; }

    /// <summary>The field to blame; null where none is.</summary>
    public string? Field { get; internal init; }

    /// <summary>What was expected there.</summary>
    public string? Expected { get; internal init; }

    /// <summary>What came there.</summary>
    public string? Came { get; internal init; }

    /// <summary>The receipt of the entry that the refusal left on the ledger; null where it left none.</summary>
    public Receipt? Receipt { get; internal init; }
}

/// <summary>What a server shows of its ledger contradicts a receipt, a digest or what it showed before: keep both, they are evidence.</summary>
/// <param name="message">What was expected and what came, as a sentence.</param>
public sealed class TamperingException(string message) : Exception(message);
