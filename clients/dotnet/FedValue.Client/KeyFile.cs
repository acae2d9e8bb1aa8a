using System.Security.Cryptography;

namespace FedValue.Client;

/// <summary>A participant's private key in a file: PKCS #8 in PEM, readable by its owner only.</summary>
public static class KeyFile
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A new key: ECDSA on P-256.</summary>
    public static ECDsa Create() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">The file holds no private key on P-256, or one that others may read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ECDsa Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly & ~UnixFileMode.UserExecute) != 0)
            throw new FormatException($"The key in '{path}' can be read by others than its owner; take that right away with chmod 600.");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.ExportParameters(true).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return key;
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
        }
        key.Dispose();
        throw new FormatException($"Expected a private key on P-256 in PEM (PKCS #8) in '{path}', but something else is there.");
    }

    /// <summary>Writes a key into a new file with mode 0600.</summary>
    /// <exception cref="IOException">The file is already there, or cannot be written.</exception>
    public static void Write(string path, ECDsa key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads a key, or makes one where there is no file yet.</summary>
    public static ECDsa ReadOrCreate(string path)
    {
        if (File.Exists(path))
            return Read(path);
        ECDsa key = Create();
        Write(path, key);
        return key;
    }
}
