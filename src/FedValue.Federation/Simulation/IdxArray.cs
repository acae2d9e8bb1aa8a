using System.Buffers.Binary;
using System.Globalization;

namespace FedValue.Federation.Simulation;

/// <summary>
/// The array of an IDX file (the format of MNIST): two zero bytes, a type, the number of dimensions, their sizes and the values in C
/// order, all big-endian. Unsigned bytes and 32-bit floats are read.
/// </summary>
sealed class IdxArray
{
    const byte UnsignedByte = 0x08, Float = 0x0D;
    const int DimensionsAt = 4;

    readonly byte[] _content;
    readonly int _valuesAt;

    IdxArray(string file, byte[] content, uint[] dimensions, int width) =>
        (File, _content, Dimensions, Width, _valuesAt) = (file, content, dimensions, width, DimensionsAt + 4 * dimensions.Length);

    /// <summary>Where it was read from.</summary>
    public string File { get; }

    /// <summary>Its sizes, rows first.</summary>
    public IReadOnlyList<uint> Dimensions { get; }

    /// <summary>Values per row: all dimensions but the first, flattened.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Count => (int)Dimensions[0];

    /// <summary>Whether it is a list of unsigned bytes: one class per row.</summary>
    public bool IsBytes => _content[2] == UnsignedByte;

    /// <summary>Reads a file's content, plain or gzipped.</summary>
    /// <exception cref="SimulationException">It is not exactly one array.</exception>
    public static IdxArray Read(string file, byte[] stored)
    {
        byte[] content = DataFile.Unzip(file, stored);
        if (content is not [0, 0, var type, > 0 and var rank, ..])
        {
            throw new SimulationException(
                $"The file '{file}' is no IDX file, which begins with two zero bytes, a type and a number of dimensions of 1 or more.");
        }
        if (type is not (UnsignedByte or Float))
        {
            throw new SimulationException(
                $"The IDX file '{file}' holds values of type 0x{type:X2}, but only 0x08 (unsigned bytes) and 0x0D (32-bit floats) are read.");
        }
        int header = DimensionsAt + 4 * rank;
        if (content.Length < header)
            throw new SimulationException($"The IDX file '{file}' ends within the sizes of its {rank} dimensions; it was cut short.");
        uint[] dimensions = [.. Enumerable.Range(0, rank)
            .Select(d => BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(DimensionsAt + 4 * d)))];
        string shape = string.Join(" x ", dimensions);
        if (dimensions.Contains(0u))
            throw new SimulationException($"The IDX file '{file}' has no values: its sizes are {shape}.");
        // In decimal, cut at what no file reaches, so that absurd sizes cannot overflow into a fitting one.
        decimal expected = dimensions.Aggregate(
            type == Float ? 4m : 1m, (product, size) => Math.Min(product * size, long.MaxValue));
        if (expected != content.Length - header)
        {
            throw new SimulationException(
                $"The IDX file '{file}' says it holds {shape} values, {expected.ToString(CultureInfo.InvariantCulture)} bytes, but " +
                $"{content.Length - header} bytes follow its header; it was cut short or something was appended.");
        }
        return new IdxArray(file, content, dimensions, (int)dimensions.Skip(1).Aggregate(1L, (product, size) => product * size));
    }

    /// <summary>A byte of a list.</summary>
    public byte Byte(int row) => _content[_valuesAt + row];

    /// <summary>Appends the first rows to features (rows x width, row-major), beginning at a row.</summary>
    /// <exception cref="SimulationException">A number is not finite.</exception>
    public void CopyTo(double[] features, int at, int rows)
    {
        for (int i = 0; i < rows * Width; i++)
        {
            double value = IsBytes
                ? _content[_valuesAt + i]
                : BinaryPrimitives.ReadSingleBigEndian(_content.AsSpan(_valuesAt + 4 * i));
            if (!double.IsFinite(value))
            {
                throw new SimulationException(string.Create(CultureInfo.InvariantCulture,
                    $"Row {i / Width + 1} of the IDX file '{File}' has {value} as feature {i % Width + 1}; a feature must be a finite number."));
            }
            features[at * Width + i] = value;
        }
    }
}
