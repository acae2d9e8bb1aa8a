namespace FedValue.Kernels;

/// <summary>
/// Takes the figures of one update while its bytes arrive: whether every weight is finite, the squared norm of x = local - base, its inner
/// products with k references. The bits are those of <see cref="IComputeBackend.Measure"/>, however the bytes are cut; one tile is held.
/// </summary>
public sealed class UpdateMeter
{
    readonly ReadOnlyMemory<float> _base;
    readonly WeightFormat _format;
    readonly UpdateTile _update;
    readonly TileSchedule _schedule;
    readonly byte[] _bytes;
    readonly float[] _model;
    readonly double[] _total;
    readonly double[] _chunkSum;
    int _filled; // bytes of the tile that have come
    int _tile;
    int _chunk;

    /// <summary>Waits for a local model of d weights, or for a tensor of one.</summary>
    /// <param name="baseModel">The same part of the round's base model, d finite weights.</param>
    /// <param name="references">k vectors of d floats.</param>
    /// <param name="format">How the weights are written.</param>
    /// <exception cref="ArgumentException">A reference has another length than the base.</exception>
    public UpdateMeter(ReadOnlyMemory<float> baseModel, IReadOnlyList<float[]> references, WeightFormat format = WeightFormat.F32)
    {
        UpdateTile.ThrowIfUnfit(references, baseModel.Length);
        _base = baseModel;
        _format = format;
        int tile = Math.Min(TileSchedule.TileLength, baseModel.Length); // a model may have ten thousand small tensors
        _update = new UpdateTile(references, tile);
        _schedule = new TileSchedule(baseModel.Length);
        _bytes = new byte[tile * format.Width()];
        _model = format == WeightFormat.F32 ? [] : new float[tile];
        _total = new double[1 + references.Count];
        _chunkSum = new double[_total.Length];
    }

    /// <summary>
    /// The index of the first weight that is NaN, infinite or, written as F64, beyond the range of fp32, among those measured so far; null while
    /// there is none.
    /// </summary>
    public long? FirstNotFinite { get; private set; }

    /// <summary>That weight as it is written; 0 while there is none.</summary>
    public double NotFinite { get; private set; }

    /// <summary>How many bytes have come.</summary>
    public long Received { get; private set; }

    /// <summary>Whether all d weights have come and been measured.</summary>
    public bool IsComplete => _tile == _schedule.Tiles;

    /// <summary>The next bytes of the weights, in their order; any number of them.</summary>
    /// <exception cref="ArgumentException">More came than d weights have.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (IsComplete)
            {
                throw new ArgumentException(
                    $"The model has {_base.Length} weights of {_format.Width()} bytes, but {bytes.Length} bytes more came.", nameof(bytes));
            }
            (int start, int length) = _schedule.ElementsOf(_tile);
            int size = length * _format.Width(), taken = Math.Min(size - _filled, bytes.Length);
            Received += taken;
            if (taken == size)
            {
                MeasureTile(bytes[..size], start, length);
            }
            else
            {
                bytes[..taken].CopyTo(_bytes.AsSpan(_filled));
                _filled += taken;
                if (_filled == size)
                    MeasureTile(_bytes.AsSpan(0, size), start, length);
            }
            bytes = bytes[taken..];
        }
    }

    /// <summary>The squared norm, then the inner products with the k references (1 + k numbers).</summary>
    /// <exception cref="InvalidOperationException">Weights are missing.</exception>
    public double[] Figures()
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException(
                $"The model has {(long)_base.Length * _format.Width()} bytes of weights, but only {Received} have come.");
        }
        return [.. _total];
    }

    void MeasureTile(ReadOnlySpan<byte> bytes, int start, int length)
    {
        ReadOnlySpan<float> model = _format.Widen(bytes, _model.AsSpan(0, _model.Length == 0 ? 0 : length));
        _update.Add(model, _base.Span.Slice(start, length), start, _chunkSum);
        // Squares of differences of finite fp32 numbers cannot overflow a double, so the sum says whether there is anything to look for.
        if (FirstNotFinite is null && !double.IsFinite(_chunkSum[0]))
            FindNotFinite(bytes, model, start);
        _filled = 0;
        _tile++;
        if (_tile < _schedule.TilesOf(_chunk).End)
            return;
        for (int i = 0; i < _total.Length; i++)
            _total[i] += _chunkSum[i];
        Array.Clear(_chunkSum);
        _chunk++;
    }

    void FindNotFinite(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> model, int start)
    {
        for (int i = 0; i < model.Length; i++)
        {
            if (float.IsFinite(model[i]))
                continue;
            FirstNotFinite = start + i;
            NotFinite = _format.ValueAt(bytes, i);
            return;
        }
    }
}
