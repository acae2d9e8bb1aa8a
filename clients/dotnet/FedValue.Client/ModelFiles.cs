using FedValue.Ledger.Storage;

namespace FedValue.Client;

/// <summary>A model's file in memory.</summary>
sealed class HeldModel(byte[] bytes) : IBlobContent
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    public long Length => bytes.Length;

    public Stream OpenRead() => new MemoryStream(bytes, writable: false);
}

/// <summary>A model's file that is too long to be held, in the folder for temporary files until it is disposed of.</summary>
sealed class ModelOnDisk : IBlobContent, IDisposable
{
    readonly string _path = Path.GetTempFileName();

    public long Length => new FileInfo(_path).Length;

    public Stream OpenRead() => File.OpenRead(_path);

    /// <summary>The file, to be written.</summary>
    public Stream OpenWrite() => File.OpenWrite(_path);

    public void Dispose() => File.Delete(_path);
}
