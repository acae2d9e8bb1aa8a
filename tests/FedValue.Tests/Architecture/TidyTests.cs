using System.Reflection;
using System.Runtime.CompilerServices;

namespace FedValue.Tests.ArchitectureTests;

/// <summary>Habits that no compiler checks.</summary>
public sealed class TidyTests
{
    const int FileLinesMax = 400;
    const int ColumnsMax = 150;

    static readonly string[] TopLevel =
    [
        "src", "tests", "clients", "deploy", "FedValue.sln", "docker-compose.yml", "README.md", "LICENSE", "global.json", "BannedSymbols.txt",
        "Directory.Build.props", "Directory.Packages.props",
    ];

    [Fact]
    public void Files_stay_small_and_lines_short()
    {
        foreach (string file in Sources())
        {
            string[] lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= FileLinesMax, $"{Path.GetFileName(file)} has {lines.Length} lines: it wants to be two things");
            int longest = lines.Max(line => line.Length);
            Assert.True(longest <= ColumnsMax, $"{Path.GetFileName(file)} has a line of {longest} columns");
        }
    }

    [Fact]
    public void Nothing_is_left_unfinished()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "[Fact(" + "Skip", "[Theory(" + "Skip"];
        foreach (string file in Sources())
            Assert.DoesNotContain(marks, mark => File.ReadAllText(file).Contains(mark));
    }

    [Fact]
    public void The_top_level_holds_only_what_belongs_there()
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(Repository.Root))
        {
            string entry = Path.GetFileName(path);
            bool belongs = entry.StartsWith('.') || TopLevel.Contains(entry) || entry.StartsWith("fedvalue-", StringComparison.Ordinal);
            Assert.True(belongs, $"'{entry}' does not belong to the top level");
        }
    }

    [Fact]
    public void No_room_keeps_static_mutable_state()
    {
        Assembly[] rooms =
        [
            typeof(FedValue.Kernels.CpuBackend).Assembly,
            typeof(FedValue.Valuation.Games.Coalition).Assembly,
            typeof(FedValue.Ledger.Digest).Assembly,
            typeof(FedValue.Protocol.Models.ModelManifest).Assembly, typeof(FedValue.Federation.Rounds.Aggregator).Assembly,
            typeof(FedValue.Client.FedValueClient).Assembly, typeof(FedValue.Server.ServerApplication).Assembly,
        ];
        IEnumerable<FieldInfo> mutable = rooms.SelectMany(room => room.GetTypes())
            .Where(type => type.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !type.FullName!.Contains('<'))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsInitOnly && !field.IsLiteral && field.GetCustomAttribute<CompilerGeneratedAttribute>() is null
                && !field.Name.StartsWith('<') && field.DeclaringType!.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is null);
        Assert.Empty(mutable.Select(field => $"{field.DeclaringType!.Name}.{field.Name}"));
    }

    static IEnumerable<string> Sources() => new[] { "src", "clients", "tests" }.SelectMany(folder => Repository.Files(folder, "*.cs"));
}
