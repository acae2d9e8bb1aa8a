using System.IO.Compression;
using System.Text;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>A CSV file in a temporary folder of its own, deleted with it.</summary>
sealed class CsvFile : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fedvalue-csv-").FullName;

    public CsvFile(byte[] content)
    {
        Path = System.IO.Path.Combine(_folder, "table.csv");
        File.WriteAllBytes(Path, content);
    }

    public CsvFile(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    public string Path { get; }

    public string Folder => _folder;

    /// <summary>Loads a text as a CSV file with the given columns, for example <c>label=y,group=g</c>.</summary>
    public static Dataset Load(string text, string columns = "") => Load(Encoding.UTF8.GetBytes(text), columns);

    public static Dataset Load(byte[] content, string columns = "")
    {
        using var file = new CsvFile(content);
        return DatasetLoader.Load(file.Spec(columns));
    }

    /// <summary>The sentence with which a text is refused, the file's path in it replaced by <c>FILE</c>.</summary>
    public static string Refused(string text, string columns = "") => Refused(Encoding.UTF8.GetBytes(text), columns);

    public static string Refused(byte[] content, string columns = "")
    {
        using var file = new CsvFile(content);
        string sentence = Refusal.Of(() => DatasetLoader.Load(file.Spec(columns)));
        Assert.Contains($"'{file.Path}'", sentence);
        return sentence.Replace(file.Path, "FILE");
    }

    public static byte[] Gzipped(string text)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return zipped.ToArray();
    }

    public string Spec(string columns = "") => "csv:" + Path + (columns == "" ? "" : "," + columns);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
