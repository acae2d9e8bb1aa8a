using FedValue.Kernels;

namespace FedValue.Federation.Learning;

/// <summary>One thread's way of whole models over all tiles, in buffers of its own.</summary>
sealed class ModelPass(TiledNetwork network, TiledRows rows)
{
    readonly Memory<float> _first = Aligned.Singles(network.FirstWeights);
    readonly CoalitionModel _model = new(network);
    readonly TileMeasure _measure = new(rows, network.Classes);

    /// <summary>Adds losses and hits of a model (d weights) to one number per block.</summary>
    public void Score(ReadOnlySpan<float> weights, Span<double> losses, Span<int> correct)
    {
        network.Pack(weights, _first.Span, _model.Deep.Output);
        for (int tile = 0; tile < rows.Tiles; tile++)
            _measure.Add(tile, network.Logits(_first.Span, rows.Features(tile), _model), losses, correct);
    }
}
