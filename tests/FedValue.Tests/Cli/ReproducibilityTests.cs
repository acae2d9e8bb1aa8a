using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;
using FedValue.Ledger.Storage;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed class ReproducibilityTests
{
    static readonly string[] Tiers = ["none", "128-bit", "avx2", "avx-512"];

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("7")]
    public async Task The_root_does_not_depend_on_the_number_of_threads(string threads)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, [.. SmallRun.Arguments, "--json", "--threads", threads]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(SmallRun.Root, (string?)run.Json["root"]);
    }

    [TheoryOnX64]
    [InlineData("DOTNET_EnableAVX512", "avx2")]
    [InlineData("DOTNET_EnableAVX2", "128-bit")]
    [InlineData("DOTNET_EnableHWIntrinsic", "none")]
    public async Task The_root_does_not_depend_on_the_vector_instructions(string switchedOff, string widestLeft)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, new Dictionary<string, string> { [switchedOff] = "0" }, [.. SmallRun.Arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);

        // The switch must really have been one, or the test would prove nothing.
        string tier = (string)JsonNode.Parse(File.ReadAllText(folder["fedvalue-run/run.json"]))!["environment"]!["vectors"]!;
        Assert.True(Array.IndexOf(Tiers, tier) <= Array.IndexOf(Tiers, widestLeft), $"{switchedOff}=0 left {tier}");
        Assert.Equal(SmallRun.Root, (string?)run.Json["root"]);
    }

    [TheoryOnX64]
    [InlineData("1", "1")]
    [InlineData("4", "1")]
    [InlineData("3", "0")]
    public async Task The_root_of_further_methods_depends_on_neither_threads_nor_vector_instructions(string threads, string vectors)
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome run = await FedValueProcess.RunAsync(
            folder.Path, new Dictionary<string, string> { ["DOTNET_EnableHWIntrinsic"] = vectors },
            [.. SmallRun.FurtherMethods, "--json", "--threads", threads]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(SmallRun.FurtherMethodsRoot, (string?)run.Json["root"]);
    }

    [FactOnGlibc]
    public async Task The_root_does_not_depend_on_the_variants_that_glibc_picks()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable",
            ["DOTNET_EnableAVX2"] = "0", // so that fused multiply-adds go through glibc too
        };
        ProcessOutcome run = await FedValueProcess.RunAsync(folder.Path, environment, [.. SmallRun.Arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(SmallRun.Root, (string?)run.Json["root"]);

        environment.Remove("DOTNET_EnableAVX2");
        run = await FedValueProcess.RunAsync(folder.Path, environment, [.. SmallRun.Arguments, "--json", "--force"]);
        Assert.Equal(SmallRun.Root, (string?)run.Json["root"]);
    }

    [Fact]
    public async Task The_same_seed_writes_the_same_bytes_and_another_seed_others()
    {
        using var folder = new TemporaryFolder();
        foreach (string run in (string[])["first", "second"])
        {
            ProcessOutcome outcome = await FedValueProcess.RunAsync(folder.Path, [.. SmallRun.Arguments, "--out", run]);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
        }
        Assert.Equal(File.ReadAllBytes(folder["first/contributions.csv"]), File.ReadAllBytes(folder["second/contributions.csv"]));
        Assert.Equal(File.ReadAllText(folder["first/root.txt"]), File.ReadAllText(folder["second/root.txt"]));
        Assert.Equal(await EntriesAsync(folder["first/ledger.sqlite"]), await EntriesAsync(folder["second/ledger.sqlite"]));
        Assert.Equal(Files(folder["first/blobs"]), Files(folder["second/blobs"]));

        ProcessOutcome other = await FedValueProcess.RunAsync(folder.Path, [.. SmallRun.Arguments.Select(a => a == "4" ? "5" : a), "--out", "other"]);
        Assert.True(other.ExitCode == 0, other.Error);
        Assert.NotEqual(File.ReadAllText(folder["first/root.txt"]), File.ReadAllText(folder["other/root.txt"]));
    }

    [Fact]
    public void This_process_uses_the_widest_vectors_of_its_machine()
    {
        // Otherwise the runs above would compare a narrow tier with itself.
        Assert.Equal(Vector256.IsHardwareAccelerated, FedValue.Kernels.CpuBackend.VectorTier is "avx2" or "avx-512");
    }

    static async Task<List<string>> EntriesAsync(string file)
    {
        await using SqliteLedgerStore ledger = SqliteLedgerStore.OpenCopy(file);
        var entries = new List<string>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
            entries.Add(Convert.ToHexString(entry.Bytes.Span));
        return entries;
    }

    static SortedDictionary<string, string> Files(string folder) => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(File.ReadAllBytes(file))), StringComparer.Ordinal);
}

/// <summary>A theory about x64 instruction sets; elsewhere it is skipped and says so.</summary>
sealed class TheoryOnX64Attribute : TheoryAttribute
{
    public TheoryOnX64Attribute()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Skip = $"The switches are those of x64; this is {RuntimeInformation.ProcessArchitecture}.";
    }
}

/// <summary>A test of glibc's own switches; elsewhere it is skipped and says so.</summary>
sealed class FactOnGlibcAttribute : FactAttribute
{
    public FactOnGlibcAttribute()
    {
        if (!OperatingSystem.IsLinux() || !RuntimeInformation.RuntimeIdentifier.StartsWith("linux", StringComparison.Ordinal)
            || RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Skip = "GLIBC_TUNABLES=glibc.cpu.hwcaps exists on x64 Linux with glibc only.";
        }
    }
}
