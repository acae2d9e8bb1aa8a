using System.Text.Json;

namespace FedValue.Protocol.Contracts;

/// <summary>
/// How a client reads what a server says: members that must be there are there and not null, unknown ones are passed over, so that a newer server
/// can say more.
/// </summary>
public static class ContractJson
{
    /// <summary>The options.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
