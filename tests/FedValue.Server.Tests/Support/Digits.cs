using System.IO.Compression;
using System.Text;

namespace FedValue.Server.Tests.Support;

/// <summary>The bundled digits: 1797 rows of 64 features and a class, as they stand in their table.</summary>
static class Digits
{
    /// <summary>Rows as a table without a header.</summary>
    public static byte[] Rows(int first, int end)
    {
        string file = Path.Combine(Python.ClientFolder, "../../src/FedValue.Federation/Simulation/Data/digits.csv.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), Encoding.UTF8);
        return Encoding.UTF8.GetBytes(string.Join('\n', reader.ReadToEnd().Split('\n')[first..end]));
    }
}
