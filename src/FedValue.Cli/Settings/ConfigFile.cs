using System.Text;
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
        if (Directory.Exists(path))
        {
            string run = Path.Combine(path, RunFolder.ConfigFile);
            throw new UsageException($"--config takes a JSON file, but '{path}' is a folder{(File.Exists(run) ? $"; did you mean '{run}'?" : ".")}");
        }
        try
        {
            ReadOnlySpan<byte> utf8 = File.ReadAllBytes(path);
            if (utf8.StartsWith(Encoding.UTF8.Preamble))
                utf8 = utf8[Encoding.UTF8.Preamble.Length..];
            RefuseWhatIsNoText(path, utf8);
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return JsonNode.Parse(utf8, documentOptions: strict) as JsonObject
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

    // JSON's texts are decoded when somebody asks for them, and only then bytes that are not UTF-8 or halves of surrogate pairs show.
    static void RefuseWhatIsNoText(string path, ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString();
            }
        }
        catch (InvalidOperationException)
        {
            throw new UsageException(
                $"The configuration '{path}' has something at byte {reader.TokenStartIndex} that is no text in Unicode; save it as UTF-8.");
        }
    }

    static IReadOnlyList<string> Texts(string path, string name, JsonNode value) => value switch
    {
        JsonArray items => [.. items.Select(item => item is JsonValue one ? one.ToString() : throw Wrong(path, name))],
        JsonValue one when one.GetValueKind() is JsonValueKind.String or JsonValueKind.Number => [one.ToString()],
        _ => throw Wrong(path, name),
    };

    static UsageException Wrong(string path, string name) =>
        new($"Member '{name}' of the configuration '{path}' must be a text, a number or a list of them.");
}
