using System.Text.RegularExpressions;

namespace FedValue.Tests.ArchitectureTests;

/// <summary>Of every threat the map says what is done about it and which tests show it; here it is held to that.</summary>
public sealed partial class ThreatTests
{
    [Fact]
    public void Every_threat_names_tests_that_exist()
    {
        string map = Repository.Read("src", "README.md");
        string section = map[map.IndexOf("## Threats", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 4, StringComparison.Ordinal)];
        string[][] rows = [.. section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => Names().Matches(line.Split('|')[3]).Select(name => name.Groups[1].Value).ToArray())];
        Assert.InRange(rows.Length, 15, 40);
        Assert.All(rows, names => Assert.NotEmpty(names));

        string tests = string.Join('\n', Repository.Files("tests", "*.cs").Concat(Repository.Files("clients", "*.py")).Select(File.ReadAllText));
        Assert.All(rows.SelectMany(names => names), name => Assert.Matches($@"\b{name}\(", tests));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
