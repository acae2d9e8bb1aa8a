using System.Security.Cryptography;
using FedValue.Client;
using FedValue.Contracts.Hosting;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Protocol.Models;

namespace FedValue.Tests.Client;

/// <summary>Two participants with made-up updates, a server that can be spoiled, two rounds.</summary>
sealed class TinyRun(FederationCreation? creation = null) : IDisposable
{
    public static readonly string[] Participants = ["a", "b"];

    readonly Dictionary<string, ECDsa> _keys = Participants.ToDictionary(id => id, _ => KeyFile.Create());
    readonly List<FedValueClient> _clients = [];
    readonly Dictionary<string, FedValueClient> _states = [];

    public FakeServer Server { get; } = new(creation ?? TinyFederation.Creation(), Participants.Length, rounds: 2);

    /// <summary>The rounds that each participant was asked to train in.</summary>
    public Dictionary<string, List<int>> Trained { get; } = Participants.ToDictionary(id => id, _ => new List<int>());

    /// <summary>A client; the one before it with the same state file ends, as only one may use it.</summary>
    public FedValueClient Client(string participant, ClientOptions? options = null)
    {
        if (options?.StateFile is { } file && _states.Remove(file, out FedValueClient? before))
            before.Dispose();
        FedValueClient client = Server.Client(participant, _keys[participant], options);
        _clients.Add(client);
        if (options?.StateFile is { } kept)
            _states[kept] = client;
        return client;
    }

    public async Task<(FedValueClient A, FedValueClient B)> EnrolledAsync(ClientOptions? options = null)
    {
        FedValueClient a = Client("a", options), b = Client("b", options);
        await a.EnrolAsync("token of a", 100);
        await b.EnrolAsync("token of b", 100);
        return (a, b);
    }

    public ITrainer Trainer(string participant) => new Trainer((model, _) =>
    {
        Trained[participant].Add(model.Round);
        return Task.FromResult(Update(participant, model.Round));
    });

    /// <summary>A client's update of round 1.</summary>
    public static async Task<Receipt> SubmitAsync(FedValueClient client, string participant) =>
        await client.SubmitAsync(1, (await client.RoundAsync()).Model!.Value, Update(participant, 1));

    /// <summary>Everybody takes part until the end, but no longer than a minute.</summary>
    public async Task RunAllAsync(FedValueClient a, FedValueClient b) =>
        await Task.WhenAll(a.RunAsync(Trainer("a")), b.RunAsync(Trainer("b"))).WaitAsync(TimeSpan.FromMinutes(1));

    public static LocalUpdate Update(string participant, int round) =>
        LocalUpdate.OfFile(TinyFederation.Submission(participant, round).Update, examples: 10, loss: 0.5);

    /// <summary>The bytes of the tiny model with given weights.</summary>
    public static byte[] Model(params float[] weights) => ModelFile.Write(TinyFederation.Network.Manifest, weights);

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        foreach (ECDsa key in _keys.Values)
            key.Dispose();
        Server.Dispose();
    }
}
