using System.Text.Json;

namespace FedValue.Protocol.Json;

/// <summary>A JSON object names a member twice; readers that keep the first and readers that keep the last would disagree.</summary>
sealed class DuplicateKeyException(string message) : JsonException(message);
