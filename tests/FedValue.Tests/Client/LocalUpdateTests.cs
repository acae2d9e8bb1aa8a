using System.Security.Cryptography;
using FedValue.Client;
using FedValue.Ledger;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Support;

namespace FedValue.Tests.Client;

public sealed class LocalUpdateTests
{
    static readonly Tensor[] Tensors =
    [
        Tensor.OfSingles("w", [300, 200], [.. Enumerable.Range(0, 60_000).Select(i => i * 0.5f)]),
        Tensor.OfInt64s("steps", [], [7]),
    ];

    [Fact]
    public async Task Tensors_a_file_a_stream_and_a_content_of_the_same_model_are_the_same_bytes()
    {
        byte[] file = SafetensorsWriter.Write(Tensors);
        using var stream = new MemoryStream([1, 2, 3, .. file]) { Position = 3 };
        var content = new SafetensorsContent([.. Tensors.Select(TensorSource.Of)]);
        LocalUpdate[] updates =
        [
            LocalUpdate.OfTensors(Tensors, 1), LocalUpdate.OfFile(file, 1), LocalUpdate.OfStream(stream, 1), LocalUpdate.OfContent(content, 1),
        ];
        foreach (LocalUpdate update in updates)
        {
            Assert.Equal(Digest.Of(file), await update.DigestAsync());
            Assert.Equal(file.Length, update.Length);
            using var sent = new MemoryStream();
            await foreach (ReadOnlyMemory<byte> piece in update.PiecesAsync(default))
                sent.Write(piece.Span);
            Assert.Equal(file, sent.ToArray());
        }
    }

    [Fact]
    public async Task A_stream_that_becomes_shorter_while_it_is_sent_is_not_sent_as_something_else()
    {
        using var stream = new MemoryStream();
        stream.Write(SafetensorsWriter.Write(Tensors));
        stream.Position = 0;
        LocalUpdate update = LocalUpdate.OfStream(stream, 1);
        stream.SetLength(1000);
        await Assert.ThrowsAsync<InvalidOperationException>(() => update.DigestAsync());
    }

    [Fact]
    public void A_stream_that_cannot_be_sought_is_refused()
    {
        using var once = new System.IO.Compression.GZipStream(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Contains("must be one that can be sought", Assert.Throws<ArgumentException>(() => LocalUpdate.OfStream(once, 1)).Message);
    }

    [Fact]
    public void A_key_file_is_its_owners_alone_and_gives_the_key_back()
    {
        using var folder = new TemporaryFolder();
        string path = folder["me.pem"];
        using ECDsa key = KeyFile.ReadOrCreate(path), same = KeyFile.ReadOrCreate(path);
        Assert.Equal(key.ExportPkcs8PrivateKey(), same.ExportPkcs8PrivateKey());
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(path));
        Assert.Throws<IOException>(() => KeyFile.Write(path, key));
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<FormatException>(() => KeyFile.Read(path)).Message);
    }

    [Fact]
    public void What_is_no_key_on_P_256_is_refused()
    {
        using var folder = new TemporaryFolder();
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        KeyFile.Write(folder["other.pem"], other);
        Assert.Throws<FormatException>(() => KeyFile.Read(folder["other.pem"]));
        File.WriteAllText(folder["text.pem"], "no key");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["text.pem"], UnixFileMode.UserRead);
        Assert.Throws<FormatException>(() => KeyFile.Read(folder["text.pem"]));
    }
}
