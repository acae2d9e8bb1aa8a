using FedValue.Federation.Learning;
using FedValue.Kernels;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;

namespace FedValue.Federation.Rounds;

/// <summary>
/// Looks at the bytes of an update while they pass, cut anywhere: the header against the manifest and the announced length, then every number
/// whether it is finite, and, where it is bounded, the norm of local - base, tensor by tensor in whatever order the file has. What is wrong
/// first is what counts.
/// </summary>
sealed class UpdateInspection
{
    readonly ModelManifest _manifest;
    readonly NormBound? _bound;
    readonly long _length;
    readonly double[] _squares; // by weight tensor of the manifest
    byte[] _start = new byte[sizeof(long)]; // the length of the header, then with the header
    int _filled;
    SafetensorsHeader? _header;
    Dictionary<string, int> _places = []; // of the weights in the manifest
    int _tensor = -1; // of the header's tensors
    long _remaining; // bytes of that tensor
    UpdateMeter? _meter;
    FiniteScan? _scan;
    UpdateFault? _fault;

    /// <summary>Waits for an update.</summary>
    /// <param name="manifest">What its tensors must be.</param>
    /// <param name="bound">How far it may be from its base, d weights; null: any norm, and none is measured.</param>
    /// <param name="length">How many bytes were announced.</param>
    public UpdateInspection(ModelManifest manifest, NormBound? bound, long length)
    {
        _manifest = manifest;
        _bound = bound;
        _length = length;
        _squares = new double[manifest.Weights.Length];
        if (length < sizeof(long))
            Try(() => SafetensorsHeader.ReadLength([], length));
    }

    /// <summary>The next bytes, at most as many as were announced in all.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (_fault is null && !bytes.IsEmpty)
        {
            int taken = (int)Math.Min(bytes.Length, _header is null ? _start.Length - _filled : _remaining);
            if (_header is null)
                TakeStart(bytes[..taken]);
            else
                TakeNumbers(bytes[..taken]);
            bytes = bytes[taken..];
        }
    }

    /// <summary>What is wrong, now that all announced bytes have come; null: nothing.</summary>
    public UpdateFault? Complete()
    {
        if (_fault is not null || _bound is not { Limit: var limit })
            return _fault;
        double square = 0;
        foreach (double part in _squares)
            square += part;
        double norm = Math.Sqrt(square);
        return norm <= limit ? null : new UpdateFault(
            "norm", $"Expected an update (local minus base model) of norm at most {limit}, but its norm is {norm}; clip it, or train less.",
            new UpdateBlame(UpdatePart.Body, UpdateBlame.Text($"at most {limit}"), UpdateBlame.Text($"{norm}")));
    }

    void TakeStart(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_start.AsSpan(_filled));
        _filled += bytes.Length;
        if (_filled < _start.Length)
            return;
        Try(() =>
        {
            if (_start.Length == sizeof(long))
                Array.Resize(ref _start, sizeof(long) + SafetensorsHeader.ReadLength(_start, _length));
            if (_filled < _start.Length)
                return;
            var header = SafetensorsHeader.Parse(_start, _length);
            ModelFile.Check(_manifest, header);
            _places = _manifest.Weights.Select((weight, place) => (weight.Tensor.Name, place)).ToDictionary(StringComparer.Ordinal);
            _start = [];
            _header = header;
            NextTensor();
        });
    }

    void TakeNumbers(ReadOnlySpan<byte> bytes)
    {
        TensorInfo tensor = _header!.Tensors[_tensor];
        _meter?.Append(bytes);
        _scan?.Append(bytes);
        _remaining -= bytes.Length;
        if (_meter is { FirstNotFinite: { } weight } meter)
            _fault = NotFinite(tensor, weight, meter.NotFinite);
        else if (_scan is { First: { } number })
            _fault = NotFinite(tensor, number.Index, number.Value);
        else if (_remaining == 0)
            NextTensor();
    }

    /// <summary>Keeps what was measured of the tensor that ended, and goes on to the next one that has bytes.</summary>
    void NextTensor()
    {
        if (_meter is { } meter)
            _squares[_places[_header!.Tensors[_tensor].Name]] = meter.Figures()[0];
        (_meter, _scan) = (null, null);
        do
        {
            _tensor++;
        }
        while (_tensor < _header!.Tensors.Length && _header.Tensors[_tensor].Begin == _header.Tensors[_tensor].End);
        if (_tensor == _header.Tensors.Length)
            return;
        TensorInfo tensor = _header.Tensors[_tensor];
        _remaining = tensor.End - tensor.Begin;
        bool isWeight = _places.TryGetValue(tensor.Name, out int place);
        if (isWeight && _bound is { Base: var origin })
        {
            WeightSlice slice = _manifest.Weights[place];
            _meter = new UpdateMeter(origin.Slice((int)slice.Offset, (int)slice.Count), [], FiniteCheck.FormatOf(tensor.Type));
        }
        else if (tensor.Type != TensorType.I64)
        {
            _scan = new FiniteScan(FiniteCheck.FormatOf(tensor.Type), asSingle: isWeight);
        }
    }

    void Try(Action read)
    {
        try
        {
            read();
        }
        catch (SafetensorsException malformed)
        {
            _fault = new UpdateFault("malformed", malformed.Message, UpdateBlame.Of(malformed));
        }
        catch (ModelMismatchException other)
        {
            _fault = new UpdateFault("mismatch", other.Message, UpdateBlame.Of(other));
        }
    }

    static UpdateFault NotFinite(TensorInfo tensor, long offset, double value) => new(
        "not-finite", $"Expected finite numbers, but {FiniteCheck.Sentence(tensor.Name, offset, value)}",
        new UpdateBlame(UpdatePart.Tensor, "finite numbers", UpdateBlame.Text($"{value}"), tensor.Name));
}
