namespace FedValue.Server.Http;

/// <summary>The headers in which an upload says what its body is.</summary>
static class UpdateHeaders
{
    public const string Update = "FedValue-Update", Examples = "FedValue-Examples", Loss = "FedValue-Loss", Signature = "FedValue-Signature";
}
