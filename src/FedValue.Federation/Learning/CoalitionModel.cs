using FedValue.Kernels;
using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>A coalition's model on its way over the tiles: its deeper layers and what they made of a tile. One thread's own.</summary>
sealed class CoalitionModel(TiledNetwork network)
{
    readonly Memory<float> _deep = Aligned.Singles(network.DeepLength);
    readonly Memory<float> _hidden = Aligned.Singles(network.PaddedFirstLength);

    /// <summary>What the coalition's sums are multiplied by.</summary>
    public float Scale { get; set; }

    /// <summary>Receives the deeper layers.</summary>
    public Outcome Deep => new(Scale, _deep.Span);

    /// <summary>The outputs of the deeper layers on a tile.</summary>
    public Memory<float>[] Outputs { get; } = network.Outputs();

    /// <summary>Receives some units of the first layer (x 32): hidden ones, or a softmax regression's logits.</summary>
    public Outcome Hidden(int length) => new(Scale, _hidden.Span[..length]);
}
