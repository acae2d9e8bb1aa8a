using System.Collections.Concurrent;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Learning;

/// <summary>What one model scored on the validation rows, block by block.</summary>
/// <param name="Losses">Summed cross-entropy per block, in nats.</param>
/// <param name="Correct">Rows classified correctly per block.</param>
public readonly record struct ValidationScore(double[] Losses, int[] Correct);

/// <summary>
/// The server's validation rows in their 20 fixed blocks, and models measured on them. Thread-safe: every measurement has its own buffers.
/// </summary>
public sealed class ValidationSet
{
    readonly ConcurrentStack<ModelPass> _scorers = [];
    readonly ConcurrentStack<NetworkPass> _passes = [];
    readonly ValidationRows _blocks;
    readonly Lazy<TiledRows> _tiles;
    readonly Lazy<float> _largestFeature;
    readonly Lazy<TiledNetwork> _tiledNetwork;

    /// <summary>Measures models of this network on these rows.</summary>
    /// <exception cref="ArgumentException">Another width, or a label out of range.</exception>
    public ValidationSet(Network network, ValidationRows blocks)
    {
        LabelledRows rows = blocks.Rows;
        if (rows.Width != network.Features)
            throw new ArgumentException($"The model takes {network.Features} features, but the validation rows have {rows.Width}.");
        if (rows.Labels.Any(label => label < 0 || label >= network.Classes))
            throw new ArgumentException($"The model has {network.Classes} classes, but a validation row has another label.");
        Network = network;
        Rows = rows;
        _blocks = blocks;
        _tiles = new Lazy<TiledRows>(() => new TiledRows(blocks));
        _largestFeature = new Lazy<float>(() => rows.Features.Max(Math.Abs));
        _tiledNetwork = new Lazy<TiledNetwork>(() => new TiledNetwork(network));
    }

    /// <summary>The network whose weights are measured.</summary>
    public Network Network { get; }

    /// <summary>The rows.</summary>
    public LabelledRows Rows { get; }

    /// <summary>The largest feature in magnitude, found at first use.</summary>
    internal float LargestFeature => _largestFeature.Value;

    /// <summary>The rows side by side, made at first use.</summary>
    internal TiledRows Tiles => _tiles.Value;

    /// <summary>The network on them.</summary>
    internal TiledNetwork TiledNetwork => _tiledNetwork.Value;

    /// <summary>Losses and hits of a model (d weights), rows in order within a block.</summary>
    public ValidationScore Score(float[] weights)
    {
        var score = new ValidationScore(new double[Jackknife.Blocks], new int[Jackknife.Blocks]);
        if (!_scorers.TryPop(out ModelPass? pass))
            pass = new ModelPass(TiledNetwork, Tiles);
        pass.Score(weights, score.Losses, score.Correct);
        _scorers.Push(pass);
        return score;
    }

    /// <summary>The gradient of the summed cross-entropy of each block at a model: blocks x d.</summary>
    public float[][] BlockGradients(float[] weights)
    {
        float[][] gradients = [.. Enumerable.Range(0, Jackknife.Blocks).Select(_ => new float[Network.WeightCount])];
        if (!_passes.TryPop(out NetworkPass? pass))
            pass = new NetworkPass(Network);
        pass.Load(weights);
        for (int block = 0; block < Jackknife.Blocks; block++)
        {
            (int first, int end) = _blocks.RowsOf(block);
            for (int start = first; start < end; start += NetworkPass.RowsMax)
            {
                int count = Math.Min(NetworkPass.RowsMax, end - start);
                pass.Forward(Piece(start, count), count);
                pass.Backward(Piece(start, count), Rows.Labels.AsSpan(start, count), 1, gradients[block]);
            }
        }
        _passes.Push(pass);
        return gradients;
    }

    /// <summary>
    /// The Hessian of the summed cross-entropy of one block at a model (d weights), times a direction (d): d numbers, in double, rows in order.
    /// </summary>
    public double[] HessianProduct(float[] weights, double[] direction, int block)
    {
        var pass = new HessianPass(Network, weights, direction);
        (int first, int end) = _blocks.RowsOf(block);
        for (int row = first; row < end; row++)
            pass.Add(Piece(row, 1), Rows.Labels[row]);
        return pass.Product;
    }

    /// <summary>How many rows a block has.</summary>
    public int RowsIn(int block)
    {
        (int first, int end) = _blocks.RowsOf(block);
        return end - first;
    }

    ReadOnlySpan<float> Piece(int first, int count) => Rows.Features.AsSpan(first * Rows.Width, count * Rows.Width);
}
