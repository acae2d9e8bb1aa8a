using System.Text.RegularExpressions;
using FedValue.Client;
using FedValue.Tests.Support;
using Lab = FedValue.Server.Tests.Support.Lab;

namespace FedValue.Server.Tests.Clients;

public sealed partial class ReadmeTrainerTests
{
    [Fact]
    public async Task The_trainer_of_the_readme_is_this_one_and_earns_its_share()
    {
        await using Lab lab = await Lab.StartAsync();
        using var folder = new TemporaryFolder();
        (await lab.TryCreateAsync("""{"name":"tumours","model":"softmax","schedule":{"rounds":1,"participants":1}}""", Lab.Validation())).Is(201);
        Uri server = lab.Http.BaseAddress!;
        string token = await lab.TokenAsync("tumours", "hospital-7"), keyFile = folder["hospital-7.pem"];
        float[][] rows = [[1], [2]];

        using var key = KeyFile.ReadOrCreate(keyFile);
        using var client = new FedValueClient(server, "tumours", "hospital-7", key);
        await client.EnrolAsync(token, declaredExamples: rows.Length);
        await client.RunAsync(new Trainer(async (model, cancellation) =>
        {
            float[] weights = model.Weights();
            double loss = await TrainAsync(weights, rows, cancellation);
            return model.Update(weights, rows.Length, loss);
        }));
        Console.WriteLine($"earned {await client.BalanceAsync()}");

        Assert.Equal(100_000, (await client.BalancesAsync()) is var sheet ? sheet.Balances[0].Amount + sheet.Unallocated : 0);
        string here = File.ReadAllText(SourceOf());
        string[] lines = Example().Match(File.ReadAllText(Path.Combine(Path.GetDirectoryName(SourceOf())!, "../../../README.md"))).Groups[1].Value
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.InRange(lines.Length, 8, 12);
        Assert.All(lines, line => Assert.Contains(line, here));
    }

    static Task<double> TrainAsync(float[] weights, float[][] rows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        weights[0] += rows.Length;
        return Task.FromResult(0.5);
    }

    static string SourceOf([System.Runtime.CompilerServices.CallerFilePath] string file = "") => file;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
