namespace FedValue.Tests.Support;

/// <summary>
/// Public data sets that are not part of this repository: the folder named by the environment variable FEDVALUE_SHARED_DATA.
/// </summary>
static class SharedData
{
    public const string Variable = "FEDVALUE_SHARED_DATA";

    /// <summary>Why the tests of a data set cannot run; null when they can.</summary>
    public static string? Missing(string folder) => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => $"{folder} is not part of the repository: set {Variable} to a folder that holds it.",
        string root when !Directory.Exists(Path.Combine(root, folder)) => $"There is no {folder} in the folder that {Variable} names.",
        _ => null,
    };

    public static string PathOf(string folder) => Path.Combine(Environment.GetEnvironmentVariable(Variable)!, folder);
}

/// <summary>A fact about a public data set; skipped, with the reason, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactWithSharedDataAttribute : FactAttribute
{
    public FactWithSharedDataAttribute(string folder) => Skip = SharedData.Missing(folder);
}
