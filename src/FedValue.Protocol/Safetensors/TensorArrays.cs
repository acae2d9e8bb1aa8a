namespace FedValue.Protocol.Safetensors;

/// <summary>Arrays that are filled from the tensors of a file while its pieces come, so that the file itself need not be in memory.</summary>
/// <param name="header">The file's header.</param>
public sealed class TensorArrays(SafetensorsHeader header)
{
    readonly Dictionary<string, TensorInfo> _there = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    readonly Dictionary<string, TensorPiece> _wanted = new(StringComparer.Ordinal);

    /// <summary>An array for the I64 numbers of a tensor, complete when the whole file has come; null where there is no such tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dimensions">How many dimensions it has.</param>
    /// <exception cref="FormatException">It has more numbers than an array can hold.</exception>
    public long[]? Int64s(string name, int dimensions) => Wanted<long>(name, TensorType.I64, dimensions);

    /// <summary>An array for the F64 numbers of a tensor, complete when the whole file has come; null where there is no such tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dimensions">How many dimensions it has.</param>
    /// <exception cref="FormatException">It has more numbers than an array can hold.</exception>
    public double[]? Doubles(string name, int dimensions) => Wanted<double>(name, TensorType.F64, dimensions);

    /// <summary>Takes some bytes of a tensor; one that nobody wants is passed over.</summary>
    public void Take(TensorInfo tensor, long at, ReadOnlySpan<byte> bytes) => _wanted.GetValueOrDefault(tensor.Name)?.Invoke(tensor, at, bytes);

    T[]? Wanted<T>(string name, TensorType type, int dimensions)
        where T : unmanaged
    {
        if (!_there.TryGetValue(name, out TensorInfo? tensor) || tensor.Type != type || tensor.Shape.Length != dimensions)
            return null;
        int width = type.Width();
        if ((tensor.End - tensor.Begin) / width > Array.MaxLength)
        {
            throw new FormatException(
                $"A tensor that is read as a whole has at most {Array.MaxLength} numbers, but {Quoted.Text(name)} is {tensor.Form}.");
        }
        var numbers = new T[(tensor.End - tensor.Begin) / width];
        _wanted.Add(name, (_, at, bytes) => LittleEndian.CopyTo(bytes, numbers.AsSpan((int)(at / width), bytes.Length / width)));
        return numbers;
    }
}
