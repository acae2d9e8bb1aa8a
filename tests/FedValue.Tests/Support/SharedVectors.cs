using System.Text.Json;

namespace FedValue.Tests.Support;

/// <summary>
/// Public test vectors that are not part of this repository: the folder named by the environment variable FEDVALUE_SHARED_VECTORS.
/// </summary>
static class SharedVectors
{
    public const string Variable = "FEDVALUE_SHARED_VECTORS";

    /// <summary>Why the tests of a file cannot run; null when they can.</summary>
    public static string? Missing(string file) => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => $"{file} is not part of the repository: set {Variable} to a folder that holds it.",
        string folder when !File.Exists(Path.Combine(folder, file)) => $"There is no {file} in the folder that {Variable} names.",
        _ => null,
    };

    public static string PathOf(string file) => Path.Combine(Environment.GetEnvironmentVariable(Variable)!, file);

    public static JsonElement Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf(file)));
        return document.RootElement.Clone();
    }
}

/// <summary>A fact about public test vectors; skipped, with the reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactWithSharedVectorsAttribute : FactAttribute
{
    public FactWithSharedVectorsAttribute(string file) => Skip = SharedVectors.Missing(file);
}
