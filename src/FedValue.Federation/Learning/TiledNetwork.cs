using FedValue.Kernels;
using FedValue.Kernels.Tiles;

namespace FedValue.Federation.Learning;

/// <summary>What one vector of d weights is to tiles: the first layer as its pre-activations, the deeper ones as packed weights.</summary>
/// <param name="First">tiles x units x 32.</param>
/// <param name="Deep">Weights and biases of the layers behind the first; empty for softmax regression.</param>
sealed record TiledModel(Memory<float> First, Memory<float> Deep);

/// <summary>
/// A network on tiles. Both parts of a <see cref="TiledModel"/> are linear in the weights, so a weighted sum of models is the same sum of
/// their parts.
/// </summary>
sealed class TiledNetwork
{
    const int PackedMax = 1 << 17; // half a megabyte

    readonly Network _network;
    readonly TileLayer[] _layers;
    readonly int[] _offsets; // where a deeper layer's packed weights begin; its biases follow

    public TiledNetwork(Network network)
    {
        _network = network;
        _layers = [.. network.Layers.Select(layer => new TileLayer(layer.Inputs, layer.Outputs))];
        _offsets = new int[_layers.Length];
        for (int i = 1; i < _layers.Length; i++)
        {
            _offsets[i] = DeepLength;
            DeepLength += _layers[i].PackedLength + _layers[i].PaddedOutputs;
        }
    }

    /// <summary>Floats of a tile's first layer.</summary>
    public int FirstLength => _layers[0].Outputs * TileLayer.Rows;

    /// <summary>The same with what packing pads.</summary>
    public int PaddedFirstLength => _layers[0].OutputLength;

    /// <summary>Floats of the first layer's packed weights and biases.</summary>
    public int FirstWeights => _layers[0].PackedLength + _layers[0].PaddedOutputs;

    /// <summary>Floats of all deeper layers.</summary>
    public int DeepLength { get; }

    /// <summary>Whether there is a layer behind the first, whose units are then rectified.</summary>
    public bool IsDeep => _layers.Length > 1;

    /// <summary>The number of classes.</summary>
    public int Classes => _network.Classes;

    /// <summary>Room for the outputs of the deeper layers on one tile.</summary>
    public Memory<float>[] Outputs() => [.. _layers.Skip(1).Select(layer => Aligned.Singles(layer.OutputLength))];

    /// <summary>How many models are projected together at most: as many first layers as the second cache holds beside a tile.</summary>
    public int ModelsAtOnce => PackedMax / Math.Clamp(_layers[0].PackedLength, 1, PackedMax);

    /// <summary>
    /// Computes both parts of models of d weights each. They go through the rows together, as one wide layer, so that a tile is read once for
    /// all; every number is that of one model alone.
    /// </summary>
    public TiledModel[] Project(TiledRows rows, params ReadOnlySpan<float[]> models)
    {
        DenseLayer first = _network.Layers[0];
        int length = first.Inputs * first.Outputs;
        var wide = new TileLayer(first.Inputs, first.Outputs * models.Length);
        Span<float> packed = Aligned.Singles(wide.PackedLength).Span, output = Aligned.Singles(wide.OutputLength).Span;
        var weights = new float[length * models.Length];
        var biases = new float[wide.PaddedOutputs];
        var projected = new TiledModel[models.Length];
        for (int m = 0; m < models.Length; m++)
        {
            projected[m] = new TiledModel(Aligned.Singles(rows.Tiles * FirstLength), Aligned.Singles(DeepLength));
            PackDeep(models[m], projected[m].Deep.Span);
            models[m].AsSpan(first.WeightOffset, length).CopyTo(weights.AsSpan(m * length));
            models[m].AsSpan(first.BiasOffset, first.Outputs).CopyTo(biases.AsSpan(m * first.Outputs));
        }
        wide.Pack(weights, packed);
        for (int t = 0; t < rows.Tiles; t++)
        {
            wide.Apply(packed, biases, rows.Features(t), output);
            for (int m = 0; m < models.Length; m++)
                output.Slice(m * FirstLength, FirstLength).CopyTo(projected[m].First.Span[(t * FirstLength)..]);
        }
        return projected;
    }

    /// <summary>Packs d weights: the first layer's and the deeper ones'.</summary>
    public void Pack(ReadOnlySpan<float> weights, Span<float> first, Span<float> deep)
    {
        Place(weights, 0, first[.._layers[0].PackedLength], first[_layers[0].PackedLength..]);
        PackDeep(weights, deep);
    }

    /// <summary>The logits of a tile (at least classes x 32), from packed weights and the tile's features.</summary>
    public ReadOnlySpan<float> Logits(ReadOnlySpan<float> first, ReadOnlySpan<float> features, CoalitionModel model)
    {
        Span<float> output = model.Hidden(PaddedFirstLength).Output;
        _layers[0].Apply(first[.._layers[0].PackedLength], first[_layers[0].PackedLength..], features, output);
        if (IsDeep)
            TrainingStep.Rectify(output);
        Begin(model);
        Add(0, FirstLength, model);
        return Logits(model);
    }

    /// <summary>Begins a tile: the second layer's outputs without any input.</summary>
    public void Begin(CoalitionModel model)
    {
        if (IsDeep)
            _layers[1].Begin(Biases(model.Deep.Output, 1), model.Outputs[0].Span);
    }

    /// <summary>Adds some of the model's hidden units (at / 32 and on, x 32) to the second layer's outputs; they come in ascending order.</summary>
    public void Add(int at, int length, CoalitionModel model)
    {
        if (IsDeep)
        {
            _layers[1].Add(model.Deep.Output.Slice(_offsets[1], _layers[1].PackedLength), at / TileLayer.Rows, model.Hidden(length).Output,
                model.Outputs[0].Span);
        }
    }

    /// <summary>The logits of a tile (at least classes x 32), once all units of the first layer are there.</summary>
    public ReadOnlySpan<float> Logits(CoalitionModel model)
    {
        if (!IsDeep)
            return model.Hidden(FirstLength).Output;
        Span<float> input = model.Outputs[0].Span, deep = model.Deep.Output;
        for (int i = 2; i < _layers.Length; i++)
        {
            TileLayer layer = _layers[i];
            Span<float> output = model.Outputs[i - 1].Span;
            TrainingStep.Rectify(input);
            layer.Apply(deep.Slice(_offsets[i], layer.PackedLength), Biases(deep, i), input, output);
            input = output;
        }
        return input;
    }

    void PackDeep(ReadOnlySpan<float> weights, Span<float> deep)
    {
        for (int i = 1; i < _layers.Length; i++)
            Place(weights, i, deep.Slice(_offsets[i], _layers[i].PackedLength), Biases(deep, i));
    }

    void Place(ReadOnlySpan<float> weights, int i, Span<float> packed, Span<float> biases)
    {
        DenseLayer layer = _network.Layers[i];
        _layers[i].Pack(weights.Slice(layer.WeightOffset, layer.Inputs * layer.Outputs), packed);
        weights.Slice(layer.BiasOffset, layer.Outputs).CopyTo(biases);
    }

    Span<float> Biases(Span<float> deep, int i) => deep.Slice(_offsets[i] + _layers[i].PackedLength, _layers[i].PaddedOutputs);
}
