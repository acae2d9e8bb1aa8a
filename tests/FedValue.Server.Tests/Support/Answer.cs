using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace FedValue.Server.Tests.Support;

/// <summary>What the server answered.</summary>
sealed record Answer(int Status, JsonNode? Json, byte[] Body, HttpResponseHeaders Headers, HttpContentHeaders Content)
{
    /// <summary>The code of a problem.</summary>
    public string? Code => (string?)Json?["code"];

    /// <summary>The field that a problem blames.</summary>
    public string? Field => (string?)Json?["field"];

    /// <summary>What a problem says that the field takes.</summary>
    public string? Expected => (string?)Json?["expected"];

    /// <summary>What a problem says that came.</summary>
    public string? Came => (string?)Json?["came"];

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        bool isJson = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json";
        var answer = new Answer((int)response.StatusCode, isJson ? JsonNode.Parse(body) : null, body, response.Headers, response.Content.Headers);
        // Whatever goes wrong, it is said in a sentence.
        if (answer.Status >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(answer.Status, (int)answer.Json!["status"]!);
            Assert.Matches(@"^\S.* .*[.;!]$|^\S.* .+\.", (string)answer.Json["detail"]!);
            Assert.NotEmpty(answer.Code!);
            Assert.NotEmpty((string)answer.Json["title"]!);
        }
        return answer;
    }

    /// <summary>Fails with what the server said when it is not this status.</summary>
    public Answer Is(int status, string? code = null)
    {
        Assert.True(Status == status, $"Expected {status}, but {Status} came: {Text}");
        if (code is not null)
            Assert.Equal(code, Code);
        return this;
    }
}
