using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedValue.Protocol.Contracts;

/// <summary>
/// A client's JSON. What a server says: members that must be there are there and not null, unknown ones are passed over, so that a newer server
/// can say more. What a server is asked: members that are null are left out.
/// </summary>
public static class ContractJson
{
    /// <summary>How a request is written.</summary>
    public static JsonSerializerOptions Requests { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>How an answer is read.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
