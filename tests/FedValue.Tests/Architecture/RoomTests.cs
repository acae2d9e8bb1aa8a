using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FedValue.Tests.ArchitectureTests;

public sealed partial class RoomTests
{
    [Fact]
    public void The_table_of_rooms_says_what_the_projects_reference()
    {
        var stated = Rows().Matches(Repository.Read("src", "README.md"))
            .ToDictionary(row => row.Groups["room"].Value, row => Split(row.Groups["references"].Value));
        var actual = Repository.Files("src", "*.csproj").Concat(Repository.Files("clients", "*.csproj")).ToDictionary(
            project => Path.GetFileNameWithoutExtension(project),
            project => XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)["FedValue.".Length..])
                .Order(StringComparer.Ordinal).ToArray());
        Assert.Equal(actual.Keys.Order(StringComparer.Ordinal), stated.Keys.Order(StringComparer.Ordinal));
        Assert.All(actual, room => Assert.Equal(room.Value, stated[room.Key]));
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        string solution = Repository.Read("FedValue.sln").Replace('\\', '/');
        IEnumerable<string> projects = new[] { "src", "clients", "tests" }.SelectMany(folder => Repository.Files(folder, "*.csproj"));
        foreach (string project in projects)
            Assert.Contains(Path.GetRelativePath(Repository.Root, project).Replace('\\', '/'), solution);
    }

    [Theory]
    [InlineData("Learning")]
    [InlineData("Aggregation", "Learning")]
    [InlineData("Rounds", "Learning", "Aggregation")]
    [InlineData("Hosting", "Learning", "Aggregation", "Rounds")]
    [InlineData("Simulation", "Learning", "Aggregation", "Rounds", "Hosting")]
    public void A_folder_of_the_federation_uses_only_those_to_its_left(string folder, params string[] mayUse)
    {
        foreach (string file in Repository.Files($"src/FedValue.Federation/{folder}", "*.cs"))
        {
            foreach (Match used in FederationUsings().Matches(File.ReadAllText(file)))
                Assert.True(mayUse.Contains(used.Groups[1].Value), $"{Path.GetFileName(file)} in {folder} uses {used.Groups[1].Value}");
        }
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        foreach ((string root, string file) in new[] { "src", "clients/dotnet" }.SelectMany(r => Repository.Files(r, "*.cs").Select(f => (r, f))))
        {
            string relative = Path.GetRelativePath(Repository.Path(root), Path.GetDirectoryName(file)!);
            string expected = relative.Replace(Path.DirectorySeparatorChar, '.');
            string text = File.ReadAllText(file);
            if (Path.GetFileName(file) != "Program.cs")
                Assert.Contains($"namespace {expected};", text);
        }
    }

    static string[] Split(string references) => references == "-" ? [] : [.. references.Split(", ").Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^\| (?<room>FedValue\.\w+) \| (?<references>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^using FedValue\.Federation\.(\w+);", RegexOptions.Multiline)]
    private static partial Regex FederationUsings();
}
