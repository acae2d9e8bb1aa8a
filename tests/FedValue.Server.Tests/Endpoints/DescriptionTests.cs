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
    public async Task The_document_says_what_requests_hold_who_sends_them_and_which_answers_are_in_part()
    {
        await using Lab lab = await Lab.StartAsync();
        string text = (await lab.GetAsync("/openapi/v1.json")).Is(200).Text;
        Assert.Equal(text, (await lab.GetAsync("/openapi/v1.json")).Is(200).Text); // nothing is added once more
        JsonNode document = JsonNode.Parse(text)!;
        JsonNode Operation(string method, string path) => document["paths"]![path]![method]!;
        static string[] Parameters(JsonNode operation) => [.. operation["parameters"]?.AsArray().Select(parameter =>
            $"{parameter!["in"]} {parameter["name"]}{((bool?)parameter["required"] == true ? "!" : "")}") ?? []];
        static string[] Who(JsonNode operation) => [.. operation["security"]?.AsArray().Select(scheme => scheme!.AsObject().Single().Key) ?? []];
        const string federation = "/federations/{federation}";

        JsonNode parts = Operation("post", "/federations")["requestBody"]!["content"]!["multipart/form-data"]!;
        Assert.Equal(
            ["federation", "validation", "validation-labels", "model"], parts["schema"]!["properties"]!.AsObject().Select(part => part.Key));
        Assert.Equal("federation", (string)Assert.Single(parts["schema"]!["required"]!.AsArray())!);
        Assert.Equal("application/json", (string)parts["encoding"]!["federation"]!["contentType"]!);
        Assert.Equal(["operator"], Who(Operation("post", "/federations")));

        JsonNode upload = Operation("put", federation + "/rounds/{round}/updates/{participant}");
        Assert.Equal("binary", (string)upload["requestBody"]!["content"]!["application/octet-stream"]!["schema"]!["format"]!);
        Assert.Equal(
            ["header FedValue-Update!", "header FedValue-Examples!", "header FedValue-Loss", "header FedValue-Signature!"], Parameters(upload));
        Assert.Empty(Who(upload)); // its signature says who

        (string Path, string[] Parameters)[] reads =
        [
            ("/events", ["query from", "header Last-Event-ID"]), ("/entries", ["query from", "query count"]), ("/head", ["query from", "query to"]),
            ("/contributions", ["query round", "query participant"]), ("/payouts", ["query round", "query participant"]), ("/balances", []),
            ("/models/{digest}", ["header If-None-Match", "header Range"]), ("/blobs/{digest}", ["header If-None-Match", "header Range"]),
            ("/rounds/current", []), ("/entries/{index}/receipt", []),
        ];
        foreach ((string path, string[] parameters) in reads)
        {
            JsonNode read = Operation("get", federation + path);
            Assert.Equal(parameters, Parameters(read));
            Assert.Equal(["participant", "operator"], Who(read));
            Assert.Equal(path.EndsWith("{digest}", StringComparison.Ordinal), read["responses"]!["206"] is not null);
            Assert.Equal(path.EndsWith("{digest}", StringComparison.Ordinal), read["responses"]!["304"] is not null);
        }
        JsonNode revoke = Operation("delete", federation + "/participants/{participant}/key");
        Assert.Equal(["query reason"], Parameters(revoke));
        string[] operators =
        [
            "get /federations", "post {f}/tokens", "delete {f}/participants/{participant}/key", "post {f}/rounds", "post {f}/rounds/{round}/close",
            "post {f}/rounds/{round}/abandon", "post {f}/close",
        ];
        Assert.All(operators, place =>
            Assert.Equal(["operator"], Who(Operation(place.Split(' ')[0], place.Split(' ')[1].Replace("{f}", federation)))));
        JsonNode schemes = document["components"]!["securitySchemes"]!;
        Assert.Equal(("http", "bearer"), ((string)schemes["operator"]!["type"]!, (string)schemes["operator"]!["scheme"]!));
        Assert.Equal(("http", "FedValue"), ((string)schemes["participant"]!["type"]!, (string)schemes["participant"]!["scheme"]!));
    }

    [Fact]
    public void The_table_of_codes_and_the_sources_name_the_same_codes()
    {
        string table = File.ReadAllText(ClientsReadme()).Split("| status | `code` |")[1].Split("\n\n")[0];
        string[] stated = [.. Backticked().Matches(table).Select(code => code.Groups[1].Value).Distinct()];
        string house = Path.Combine(Path.GetDirectoryName(ClientsReadme())!, "../src");
        string Sources(string folder) => string.Join('\n', Directory.EnumerateFiles(Path.Combine(house, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        string server = Sources("FedValue.Server"), rounds = Sources("FedValue.Federation/Rounds");
        string[] spelled = [.. Codes().Matches(server).Concat(Reasons().Matches(rounds)).Select(code => code.Groups["code"].Value).Distinct()];
        Assert.True(spelled.Length > 30, $"Only {spelled.Length} codes were found in the sources: the patterns below do not know them any more.");
        Assert.Empty(spelled.Except(stated));
        Assert.All(stated, code => Assert.Contains($"\"{code}\"", server + rounds));
    }

    [Fact]
    public async Task A_parameter_that_is_unknown_or_comes_twice_is_refused_by_its_name()
    {
        await using Lab lab = await Lab.StartAsync();
        IReadOnlyList<Trainer> trainers = await lab.FederateAsync("x", 1);
        Answer unknown = (await trainers[0].GetAsync("entries?form=0")).Is(400, "malformed");
        Assert.Equal(("form", "one of from, count", "form"), (unknown.Field, unknown.Expected, unknown.Came));
        Assert.Equal("form", (await lab.GetAsync("/federations/x/entries?form=0")).Is(400).Field);
        Assert.Equal("from", (await trainers[0].GetAsync("entries?from=0&from=1")).Is(400, "malformed").Field);
        Assert.Equal("no parameter", (await trainers[0].GetAsync("balances?round=1")).Is(400, "malformed").Expected);
        (await trainers[0].GetAsync("entries?from=0&count=2")).Is(200);
        (await lab.GetAsync("/health/live?probe=1")).Is(200);
    }

    [Fact]
    public async Task What_is_nowhere_and_what_is_not_taken_is_a_problem_too()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.GetAsync("/nowhere")).Is(404, "request");
        (await lab.SendAsync(HttpMethod.Patch, "/federations")).Is(405, "request");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/x/tokens", "{}")).Is(404);
        await lab.FederateAsync("x", 0);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/x/tokens", "{" + new string(' ', 70_000) + "}")).Is(413);
        (await lab.SendAsync(HttpMethod.Post, "/federations/x/tokens", new StringContent("participant=a"), "Bearer " + Lab.OperatorToken)).Is(415);
        Answer type = (await lab.SendAsync(
            HttpMethod.Post, "/federations/x/tokens", new StringContent("a", null, "text/plain"), "Bearer " + Lab.OperatorToken)).Is(415, "type");
        Assert.Equal(("Content-Type", "application/json", "text/plain; charset=utf-8"), (type.Field, type.Expected, type.Came));
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

    [GeneratedRegex("`([a-z-]+)`")]
    private static partial Regex Backticked();

    /// <summary>Where the server spells a code: the first or second argument of what makes a problem, the last of what refuses somebody.</summary>
    [GeneratedRegex(
        """
        \b(?:(?:Of|Make)\([^",;)]*,|(?:Conflict|Refused)\(|string\ code\ =|(?:Failed|NotAllowed)\((?:[^;"]|"(?:[^"\\]|\\.)*")*?,)
        \s*"(?<code>[a-z-]+)"(?=[,);])
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Codes();

    /// <summary>Where a round spells one: before its sentence, or behind it.</summary>
    [GeneratedRegex("(?:Refuse|UpdateFault)\\(\"(?<code>[a-z-]+)\"|\\.\", \"(?<code>[a-z-]+)\",")]
    private static partial Regex Reasons();

    [GeneratedRegex("{[a-z]+}")]
    private static partial Regex Braces();

    [GeneratedRegex("/(?:F|P|R|I|DIGEST)(?=/|$)")]
    private static partial Regex Capitals();
}
