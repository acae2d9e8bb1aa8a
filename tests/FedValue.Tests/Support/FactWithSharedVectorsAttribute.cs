namespace FedValue.Tests.Support;

/// <summary>
/// A fact about public vectors that are not part of the repository: skipped, with the reason, unless the environment variable
/// FEDVALUE_SHARED_VECTORS names a folder that has the file.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactWithSharedVectorsAttribute : FactAttribute
{
    const string Variable = "FEDVALUE_SHARED_VECTORS";

    public FactWithSharedVectorsAttribute(string file)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            Skip = $"Needs public vectors: set {Variable} to the folder that has {file}.";
        else if (!File.Exists(Path.Combine(folder, file)))
            Skip = $"Needs public vectors: the folder named by {Variable} has no {file}.";
    }

    public static string PathOf(string file) => Path.Combine(Environment.GetEnvironmentVariable(Variable) ?? "", file);
}
