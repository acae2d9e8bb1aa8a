using System.Runtime.InteropServices;

namespace FedValue.Kernels;

/// <summary>How a weight is written in bytes, little-endian; each is widened to fp32, which is exact.</summary>
public enum WeightFormat
{
    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32.</summary>
    BF16,
}

/// <summary>
/// Takes the figures of one update while its bytes arrive: whether every weight is finite, the squared norm of x = local - base, its inner
/// products with k references. The bits are those of <see cref="IComputeBackend.Measure"/>, however the bytes are cut; one tile is held.
/// </summary>
public sealed class UpdateMeter
{
    readonly float[] _base;
    readonly WeightFormat _format;
    readonly UpdateTile _update;
    readonly TileSchedule _schedule;
    readonly byte[] _bytes;
    readonly float[] _model = new float[TileSchedule.TileLength];
    readonly double[] _total;
    readonly double[] _chunkSum;
    int _filled; // bytes of the tile that have come
    int _tile;
    int _chunk;

    /// <summary>Waits for a local model of d weights.</summary>
    /// <param name="baseModel">The round's base model, d weights.</param>
    /// <param name="references">k vectors of d floats.</param>
    /// <param name="format">How the weights are written.</param>
    /// <exception cref="ArgumentException">A reference has another length than the base.</exception>
    public UpdateMeter(float[] baseModel, IReadOnlyList<float[]> references, WeightFormat format = WeightFormat.F32)
    {
        UpdateTile.ThrowIfUnfit(references, baseModel.Length);
        _base = baseModel;
        _format = format;
        _update = new UpdateTile(references);
        _schedule = new TileSchedule(baseModel.Length);
        _bytes = new byte[TileSchedule.TileLength * BytesPerWeight];
        _total = new double[1 + references.Count];
        _chunkSum = new double[_total.Length];
    }

    /// <summary>The index of the first weight that is NaN or infinite among those measured so far; null while all are finite.</summary>
    public long? FirstNotFinite { get; private set; }

    /// <summary>How many bytes have come.</summary>
    public long Received { get; private set; }

    /// <summary>Whether all d weights have come and been measured.</summary>
    public bool IsComplete => _tile == _schedule.Tiles;

    int BytesPerWeight => _format == WeightFormat.F32 ? 4 : 2;

    /// <summary>The next bytes of the weights, in their order; any number of them.</summary>
    /// <exception cref="ArgumentException">More came than d weights have.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (IsComplete)
            {
                throw new ArgumentException(
                    $"The model has {_base.Length} weights of {BytesPerWeight} bytes, but {bytes.Length} bytes more came.", nameof(bytes));
            }
            (int start, int length) = _schedule.ElementsOf(_tile);
            int size = length * BytesPerWeight, taken = Math.Min(size - _filled, bytes.Length);
            bytes[..taken].CopyTo(_bytes.AsSpan(_filled));
            bytes = bytes[taken..];
            _filled += taken;
            Received += taken;
            if (_filled == size)
                MeasureTile(start, length);
        }
    }

    /// <summary>The squared norm, then the inner products with the k references (1 + k numbers).</summary>
    /// <exception cref="InvalidOperationException">Weights are missing.</exception>
    public double[] Figures()
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException(
                $"The model has {(long)_base.Length * BytesPerWeight} bytes of weights, but only {Received} have come.");
        }
        return [.. _total];
    }

    void MeasureTile(int start, int length)
    {
        Span<float> model = _model.AsSpan(0, length);
        Widen(_bytes.AsSpan(0, length * BytesPerWeight), model);
        for (int i = 0; i < length && FirstNotFinite is null; i++)
        {
            if (!float.IsFinite(model[i]))
                FirstNotFinite = start + i;
        }
        _update.Add(model, _base.AsSpan(start, length), start, _chunkSum);
        _filled = 0;
        _tile++;
        if (_tile < _schedule.TilesOf(_chunk).End)
            return;
        for (int i = 0; i < _total.Length; i++)
            _total[i] += _chunkSum[i];
        Array.Clear(_chunkSum);
        _chunk++;
    }

    void Widen(ReadOnlySpan<byte> bytes, Span<float> weights)
    {
        if (_format == WeightFormat.F32)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(weights);
            return;
        }
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = _format == WeightFormat.F16
                ? (float)BitConverter.UInt16BitsToHalf(halves[i])
                : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }
    }
}
