using System.Security.Cryptography;

namespace FedValue.Ledger.Storage;

/// <summary>A content that is made piece by piece whenever somebody reads it, so that it never has to be one array: it may have several GB.</summary>
public interface IBlobContent
{
    /// <summary>How many bytes it has.</summary>
    long Length { get; }

    /// <summary>The content from its beginning, the same bytes each time; closed by the caller.</summary>
    Stream OpenRead();
}

/// <summary>What every content can do by what it can do already.</summary>
public static class BlobContentExtensions
{
    /// <summary>The name that it gets in a store; all of it is read.</summary>
    public static Digest Digest(this IBlobContent content)
    {
        using Stream bytes = content.OpenRead();
        return new Digest(SHA256.HashData(bytes));
    }

    /// <summary>All of it in memory.</summary>
    /// <exception cref="ArgumentException">It is longer than an array can be.</exception>
    public static byte[] ToArray(this IBlobContent content)
    {
        if (content.Length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"An array has at most {Array.MaxLength} bytes, but the content has {content.Length}; read it piece by piece.");
        }
        var bytes = new byte[content.Length];
        using Stream stream = content.OpenRead();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
