using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Endpoints;

public sealed partial class DescriptionTests
{
    [Fact]
    public async Task The_document_for_machines_has_every_address_of_the_one_for_people()
    {
        await using Lab lab = await Lab.StartAsync();
        JsonNode document = (await lab.GetAsync("/openapi/v1.json")).Is(200).Json!;
        Assert.StartsWith("3.", (string)document["openapi"]!);
        string rows = string.Join('\n', File.ReadLines(ClientsReadme()).Where(line => line.StartsWith("| `", StringComparison.Ordinal)));
        string[] stated = [.. Rows().Matches(rows)
            .Select(row => $"{row.Groups[1].Value.ToLowerInvariant()} {Place(row.Groups[2].Value)}")
            .Where(row => row != "get /openapi/v1.json")];
        string[] described = [.. document["paths"]!.AsObject().SelectMany(path =>
            path.Value!.AsObject().Where(member => member.Key != "parameters")
                .Select(operation => $"{operation.Key} {Braces().Replace(path.Key, "*")}"))];
        Assert.Equal(stated.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        foreach ((string path, JsonNode? item) in document["paths"]!.AsObject())
        {
            Assert.Equal(
                Braces().Matches(path).Select(name => name.Value.Trim('{', '}')),
                item!["parameters"]?.AsArray().Select(parameter => (string)parameter!["name"]!) ?? []);
            foreach ((string method, JsonNode? operation) in item.AsObject().Where(member => member.Key != "parameters"))
            {
                Assert.NotNull(operation!["summary"]);
                bool isHealth = path.StartsWith("/health", StringComparison.Ordinal);
                Assert.True(isHealth || operation["responses"]!["503"]!["content"]!["application/problem+json"] is not null, $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task What_is_nowhere_and_what_is_not_taken_is_a_problem_too()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.GetAsync("/nowhere")).Is(404);
        (await lab.SendAsync(HttpMethod.Patch, "/federations")).Is(405);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/x/tokens", "{}")).Is(404);
        await lab.FederateAsync("x", 0);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/x/tokens", "{" + new string(' ', 70_000) + "}")).Is(413);
        (await lab.SendAsync(HttpMethod.Post, "/federations/x/tokens", new StringContent("participant=a"), "Bearer " + Lab.OperatorToken)).Is(415);
        (await lab.GetAsync("/health/live")).Is(200);
        (await lab.GetAsync("/health/ready")).Is(200);
    }

    static string ClientsReadme()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FedValue.sln")))
                return Path.Combine(folder.FullName, "clients", "README.md");
        }
        throw new InvalidOperationException("No FedValue.sln above: run the tests from their source tree.");
    }

    static string Place(string path) => Capitals().Replace(path.Split('?')[0], "/*");

    [GeneratedRegex(@"`(GET|POST|PUT|DELETE) (/\S*?)[` ]")]
    private static partial Regex Rows();

    [GeneratedRegex("{[a-z]+}")]
    private static partial Regex Braces();

    [GeneratedRegex("/(?:F|P|R|I|DIGEST)(?=/|$)")]
    private static partial Regex Capitals();
}
