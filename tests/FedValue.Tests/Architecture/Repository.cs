namespace FedValue.Tests.ArchitectureTests;

/// <summary>The source tree these tests were built from.</summary>
static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(Path(parts));

    /// <summary>Source files below a folder, without what builds leave there.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path(folder), pattern, SearchOption.AllDirectories)
            .Where(file => !file.Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    static string Find(string from)
    {
        for (DirectoryInfo? folder = new(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "FedValue.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No FedValue.sln above '{from}': run the tests from their source tree.");
    }
}
