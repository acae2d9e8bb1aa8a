using System.Buffers.Binary;
using System.IO.Compression;
using FedValue.Federation.Simulation;
using FedValue.Tests.Support;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>A folder of IDX files made by the test: 6 training and 4 test rows of 2 x 3 values, classes 0 to 2.</summary>
sealed class IdxFiles : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public IdxFiles()
    {
        this["train-images-idx3-ubyte"] = Bytes([6, 2, 3], Enumerable.Range(0, 36));
        this["train-labels-idx1-ubyte"] = Bytes([6], [0, 1, 2, 0, 1, 2]);
        this["t10k-images-idx3-ubyte"] = Bytes([4, 2, 3], Enumerable.Range(100, 24));
        this["t10k-labels-idx1-ubyte"] = Bytes([4], [2, 1, 0, 1]);
    }

    public string Path => _folder.Path;

    public byte[]? this[string name]
    {
        set
        {
            if (value is null)
                File.Delete(_folder[name]);
            else
                File.WriteAllBytes(_folder[name], value);
        }
    }

    public Dataset Load(string limits = "") => DatasetLoader.Load("idx:" + Path + limits);

    /// <summary>The sentence with which the folder is refused, its path replaced by <c>DIR</c>.</summary>
    public string Refused(string limits = "") => Refusal.Of(() => Load(limits)).Replace(Path, "DIR");

    public static byte[] Bytes(int[] sizes, IEnumerable<int> values) => [.. Header(0x08, sizes), .. values.Select(v => (byte)v)];

    public static byte[] Floats(int[] sizes, params float[] values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 * i), values[i]);
        return [.. Header(0x0D, sizes), .. bytes];
    }

    public static byte[] Header(byte type, params int[] sizes) =>
    [
        0, 0, type, (byte)sizes.Length,
        .. sizes.SelectMany(size => new[] { (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size }),
    ];

    public static byte[] Gzipped(byte[] content)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
            gzip.Write(content);
        return zipped.ToArray();
    }

    public void Dispose() => _folder.Dispose();
}
