using System.IO.Compression;
using System.Text;
using FedValue.Ledger;

namespace FedValue.Federation.Simulation;

/// <summary>Reads files of data, plain or gzipped; what goes wrong is one sentence.</summary>
static class DataFile
{
    static readonly byte[] EndMark = Encoding.UTF8.GetBytes("the end of the last member");

    /// <summary>A file's bytes as they are stored.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="kind">What it should be, for the sentence about a folder in its place.</param>
    public static byte[] Read(string file, string kind)
    {
        if (Directory.Exists(file))
            throw new SimulationException($"'{file}' is a folder, not {kind}.");
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SimulationException($"The file '{file}' could not be read: {failure.Message}");
        }
    }

    /// <summary>The files in a folder, in ordinal order of their names.</summary>
    public static string[] In(string folder, string kind)
    {
        if (folder == "")
            throw new SimulationException($"A data set of kind {kind} is written {kind}:FOLDER, but no folder was named.");
        if (!Directory.Exists(folder))
            throw new SimulationException($"A data set of kind {kind} is a folder, but there is no folder '{folder}'.");
        try
        {
            return [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SimulationException($"The folder '{folder}' could not be read: {failure.Message}");
        }
    }

    /// <summary>What a file holds once it is unzipped, if it is zipped at all.</summary>
    public static byte[] Unzip(string file, byte[] content)
    {
        if (content is not [0x1f, 0x8b, ..])
            return content;
        try
        {
            // GZipStream takes a file that was cut for a shorter one; but only after a whole member it finds one more.
            using var gzip = new GZipStream(new MemoryStream([.. content, .. Zip(EndMark)]), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            if (plain.ToArray() is var unzipped && unzipped.AsSpan().EndsWith(EndMark))
                return unzipped[..^EndMark.Length];
        }
        catch (InvalidDataException)
        {
        }
        throw new SimulationException($"The file '{file}' begins like a gzip file, but is damaged or was cut short.");
    }

    static byte[] Zip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(content);
        return zipped.ToArray();
    }

    /// <summary>The digest of a data set of several files: that of their digests in hex, a line each, in the given order.</summary>
    public static string DigestOf(IEnumerable<byte[]> contents) =>
        Digest.Of(Encoding.ASCII.GetBytes(string.Concat(contents.Select(content => Digest.Of(content) + "\n")))).ToString();
}
