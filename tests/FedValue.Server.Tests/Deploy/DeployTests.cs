using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FedValue.Cli.Commands;
using FedValue.Server.Tests.Support;
using FedValue.Server.Telemetry;
using FedValue.Tests.ArchitectureTests;
using FedValue.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace FedValue.Server.Tests.Deploy;

/// <summary>No container engine runs here, so what the files of the deployment say is held against what there is.</summary>
public sealed partial class DeployTests
{
    static readonly YamlMappingNode Compose = Yaml.Parse(Repository.Read("docker-compose.yml"));
    static readonly YamlNode Server = Compose.At("services.fedvalue");
    static readonly string[] Dockerfile = Repository.Read("deploy", "Dockerfile").Split('\n');

    [Fact]
    public void Compose_names_files_volumes_and_services_that_there_are()
    {
        string context = Server.At("build.context").Text();
        Assert.True(File.Exists(Repository.Path(context, Server.At("build.dockerfile").Text())));
        string[] services = Compose.At("services").Names(), volumes = Compose.At("volumes").Names();
        foreach (string service in services)
        {
            foreach (string mount in Compose.At($"services.{service}.volumes").Texts())
            {
                string source = mount.Split(':')[0];
                if (source.StartsWith('.'))
                    Assert.True(File.Exists(Repository.Path(source)), $"{source} is not in the repository");
                else
                    Assert.Contains(source, volumes);
            }
        }
        Assert.Subset(services.ToHashSet(), Server.At("depends_on").Texts().ToHashSet());
    }

    [Fact]
    public void The_command_is_one_that_the_program_takes_and_lies_in_the_volume()
    {
        Command serve = ServeCommand.Create(new Option<bool>("--verbose"));
        foreach (string[] command in new[] { Server.At("command").Texts(), Instruction<string[]>("CMD") })
        {
            ParseResult parsed = new RootCommand { serve }.Parse(command);
            Assert.Empty(parsed.Errors);
            Assert.Same(serve, parsed.CommandResult.Command);
            Assert.Contains(parsed.GetValue<string>("--data")! + ":", "/data:");
            Assert.EndsWith(":" + Instruction("EXPOSE"), parsed.GetValue<string>("--urls")!);
        }
        string config = Server.At("command").Texts().SkipWhile(word => word != "--config").ElementAt(1);
        Assert.Contains(Server.At("volumes").Texts(), mount => mount == $"./deploy/server.json:{config}:ro");
        Assert.Contains(Server.At("volumes").Texts(), mount => mount.EndsWith(":" + Instruction("VOLUME"), StringComparison.Ordinal));
        Assert.EndsWith(":" + Instruction("EXPOSE"), Assert.Single(Server.At("ports").Texts()));
        Assert.StartsWith("127.0.0.1:", Assert.Single(Server.At("ports").Texts())); // without TLS not beyond this machine
    }

    [Fact]
    public void The_image_copies_every_project_that_it_builds_and_what_they_import()
    {
        string[] copied = [.. Dockerfile.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from"))
            .SelectMany(line => line.Split(' ')[1..^1]).Select(path => path.TrimEnd('/'))];
        Assert.All(copied, path => Assert.True(Path.Exists(Repository.Path(path)), $"{path} is not in the repository"));
        string[] ignored = [.. Repository.Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Trim('*', '/'))];
        Assert.DoesNotContain(copied, path => ignored.Contains(path.Split('/')[0]));
        string published = Dockerfile.Single(line => line.Contains("dotnet publish")).Split(' ').Single(word => word.StartsWith("src/"));
        string project = Assert.Single(Directory.GetFiles(Repository.Path(published), "*.csproj"));
        string[] all = [.. Projects(project).Distinct()];
        Assert.Contains(all, path => path.EndsWith("FedValue.Kernels.csproj", StringComparison.Ordinal));
        Assert.All(all, path => Assert.True(IsCopied(path), $"{path} is built, but not copied"));
        // Whatever the build looks for at the top.
        string[] needed = ["Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt"];
        Assert.Subset(copied.ToHashSet(), needed.ToHashSet());
        Assert.All(["Directory.Build.targets", "NuGet.config", "nuget.config"], path => Assert.False(Path.Exists(Repository.Path(path))));
        string program = (string)XDocument.Load(project).Descendants("AssemblyName").Single();
        Assert.Equal(["dotnet", $"{program}.dll"], Instruction<string[]>("ENTRYPOINT"));

        bool IsCopied(string path) => copied.Any(folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_runs_as_somebody_who_owns_the_volume()
    {
        string user = Instruction("USER"), volume = Instruction("VOLUME");
        Assert.NotEqual("root", user);
        int owned = Array.FindIndex(Dockerfile, line => line.StartsWith("RUN ", StringComparison.Ordinal) && line.Contains($"chown {user} {volume}"));
        int declared = Array.IndexOf(Dockerfile, $"VOLUME {volume}"), entered = Array.IndexOf(Dockerfile, $"USER {user}");
        // What is changed in a volume after it was declared is lost, and who is not root cannot change owners.
        Assert.True(owned > 0 && owned < declared && owned < entered);
        string[] images = [.. Dockerfile.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal))];
        string framework = (string)XDocument.Load(Repository.Path("Directory.Build.props")).Descendants("TargetFramework").Single();
        Assert.Contains($"/sdk:{framework["net".Length..]} ", images[0]);
        Assert.EndsWith($"/aspnet:{framework["net".Length..]}", images[1]);
    }

    [Fact]
    public async Task The_server_takes_its_configuration_and_the_health_check_finds_it_well()
    {
        JsonNode json = JsonNode.Parse(Repository.Read("deploy", "server.json"))!;
        Assert.Subset(new HashSet<string> { "Kestrel", "Logging", "FedValue" }, json.AsObject().Select(section => section.Key).ToHashSet());
        using var folder = new TemporaryFolder();
        var options = new ServerOptions
        {
            DataFolder = folder["data"],
            Urls = "http://127.0.0.1:0",
            ConfigFile = Repository.Path("deploy", "server.json"),
        };
        await using ServerApplication server = await ServerApplication.StartAsync(options);
        int port = new Uri(server.Addresses[0]).Port;
        string[] check = Server.At("healthcheck.test").Texts();
        Assert.Equal(["CMD", "bash", "-c"], check[..3]);
        string path = HealthPath().Match(check[3]).Groups[1].Value;
        using var http = new HttpClient { BaseAddress = new Uri(server.Addresses[0]) };
        Assert.Contains("ok", await http.GetStringAsync(path));
        if (!File.Exists("/bin/bash"))
            return;
        Assert.Contains("/8080 ", check[3]);
        Assert.Equal(0, await BashAsync(check[3].Replace("/8080 ", $"/{port} ")));
        Assert.NotEqual(0, await BashAsync(check[3].Replace("/8080 ", $"/{port} ").Replace(path, "/health/none")));
        await server.DisposeAsync();
        Assert.NotEqual(0, await BashAsync(check[3].Replace("/8080 ", $"/{port} ")));
    }

    [Fact]
    public void The_collector_takes_what_the_server_sends()
    {
        YamlMappingNode collector = Yaml.Parse(Repository.Read("deploy", "collector.yaml"));
        YamlNode pipelines = collector.At("service.pipelines");
        foreach (string pipeline in pipelines.Names())
        {
            foreach (string kind in new[] { "receivers", "processors", "exporters" })
                Assert.Subset(collector.At(kind).Names().ToHashSet(), pipelines.At(pipeline)[kind].Texts().ToHashSet());
        }
        YamlNode environment = Server["environment"];
        OtlpTargets targets = OtlpTargets.Of(name => environment.Names().Contains(name) ? environment[name].Text() : null);
        Assert.Equal(new OtlpTargets(true, true), targets);
        Assert.Subset(pipelines.Names().ToHashSet(), new HashSet<string> { "traces", "metrics" });
        var endpoint = new Uri(environment["OTEL_EXPORTER_OTLP_ENDPOINT"].Text());
        Assert.Contains(endpoint.Host, Compose.At("services").Names());
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_PROTOCOL", environment.Names()); // so it is grpc
        Assert.EndsWith($":{endpoint.Port}", collector.At("receivers.otlp.protocols.grpc.endpoint").Text());
        Assert.Contains("./deploy/collector.yaml:/etc/otelcol/config.yaml:ro", Compose.At($"services.{endpoint.Host}.volumes").Texts());
    }

    [Fact]
    public void The_guide_names_files_and_variables_that_there_are()
    {
        string guide = Repository.Read("deploy", "README.md");
        foreach (string file in Directory.GetFiles(Repository.Path("deploy")))
            Assert.True(Path.GetFileName(file) is "README.md" || guide.Contains($"`{Path.GetFileName(file)}`"), $"{file} is not explained");
        Assert.All(Server["environment"].Names(), name => Assert.Contains(name, guide));
    }

    static IEnumerable<string> Projects(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .SelectMany(reference => Projects(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, (string)reference.Attribute("Include")!))))
        .Prepend(Path.GetRelativePath(Repository.Root, project).Replace('\\', '/'));

    static string Instruction(string name) =>
        Assert.Single(Dockerfile, line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    static T Instruction<T>(string name) => System.Text.Json.JsonSerializer.Deserialize<T>(Instruction(name))!;

    static async Task<int> BashAsync(string script)
    {
        using Process bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardError = true })!;
        await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        return bash.ExitCode;
    }

    [GeneratedRegex("GET (/[a-z/]+) HTTP")]
    private static partial Regex HealthPath();
}
