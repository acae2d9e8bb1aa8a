using System.Text.Json;
using System.Text.Json.Nodes;
using FedValue.Cli.Commands;
using FedValue.Cli.Runs;
using FedValue.Federation.Simulation;

namespace FedValue.Cli.Settings;

/// <summary>A configuration: a JSON object with the names of the command line. A run.json is one: what it adds is passed over.</summary>
static class ConfigFile
{
    public static SimulationOptions Apply(string path, SimulationOptions options)
    {
        foreach ((string name, JsonNode? value) in Read(path))
        {
            if (name is RunJson.ResultMember or RunJson.EnvironmentMember)
                continue;
            SimulationSetting setting = SimulationSettings.All.FirstOrDefault(s => s.Name == name)
                ?? throw new UsageException(
                    $"The configuration '{path}' has the unknown member '{name}'; members are named like the options of 'fedvalue simulate'.");
            if (value is not null)
                options = setting.Set(options, Texts(path, name, value));
        }
        return options;
    }

    static JsonObject Read(string path)
    {
        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return JsonNode.Parse(File.ReadAllBytes(path), documentOptions: strict) as JsonObject
                ?? throw new UsageException($"The configuration '{path}' is not a JSON object.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"The configuration '{path}' could not be read: {failure.Message}");
        }
        catch (JsonException failure)
        {
            throw new UsageException($"The configuration '{path}' is not JSON: {failure.Message}");
        }
    }

    static IReadOnlyList<string> Texts(string path, string name, JsonNode value) => value switch
    {
        JsonArray { Count: 0 } => ["none"],
        JsonArray items => [.. items.Select(item => item is JsonValue one ? one.ToString() : throw Wrong(path, name))],
        JsonValue one when one.GetValueKind() is JsonValueKind.String or JsonValueKind.Number => [one.ToString()],
        _ => throw Wrong(path, name),
    };

    static UsageException Wrong(string path, string name) =>
        new($"Member '{name}' of the configuration '{path}' must be a text, a number or a list of them.");
}
