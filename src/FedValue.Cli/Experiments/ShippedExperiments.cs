using System.Reflection;

namespace FedValue.Cli.Experiments;

/// <summary>The experiments that are part of the program, by name.</summary>
static class ShippedExperiments
{
    const string Prefix = "FedValue.Cli.Experiments.", Suffix = ".json";

    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(ShippedExperiments).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The file of that name; null where there is none.</summary>
    public static byte[]? Find(string name)
    {
        using Stream? stream = Names.Contains(name)
            ? Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + Suffix)
            : null;
        if (stream is null)
            return null;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
