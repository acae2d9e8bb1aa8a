using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Protocol.Models;

namespace FedValue.Contracts.Hosting;

/// <summary>Updates of participant a for round 1 that must be refused, by the reason they must get.</summary>
static class BadSubmissions
{
    public static UpdateSubmission For(string reason)
    {
        UpdateSubmission good = TinyFederation.Submission("a", 1);
        return reason switch
        {
            "not-finite" => good with { Update = WithNaN() },
            "not-measurable" => good with { Update = Of(float.MaxValue) },
            "malformed" => good with { Update = good.Update[..^1] },
            "mismatch" => good with { Update = OfAnotherModel() },
            "examples" => good with { Examples = 101 },
            "loss" => good with { Loss = double.NaN },
            _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No such reason."),
        };
    }

    /// <summary>Weights of a magnitude, their signs by turns.</summary>
    public static byte[] Of(float magnitude, Network? network = null)
    {
        network ??= TinyFederation.Network;
        return ModelFile.Write(network.Manifest, [.. Enumerable.Range(0, network.WeightCount).Select(i => i % 2 == 0 ? magnitude : -magnitude)]);
    }

    static byte[] WithNaN()
    {
        float[] weights = TinyFederation.Network.Initialize(1);
        weights[^1] = float.NaN; // the last element of the last tensor
        return ModelFile.Write(TinyFederation.Network.Manifest, weights);
    }

    static byte[] OfAnotherModel()
    {
        var other = new Network(Architecture.Parse("softmax"), features: 1, classes: 2); // (2,1) must not be broadcast into (2,3)
        return ModelFile.Write(other.Manifest, other.Initialize(1));
    }
}
