using FedValue.Contracts.Ledger;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Tests.Ledger.Support;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Storage;

public sealed class DirectoryBlobStoreTests : BlobStoreContract, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<IBlobStore> CreateAsync() => Task.FromResult<IBlobStore>(new DirectoryBlobStore(_folder.Path));

    [Fact]
    public async Task A_blob_lies_under_its_digest_split_after_two_digits()
    {
        DirectoryBlobStore store = new(_folder["blobs"]);
        await store.PutAsync("abc"u8.ToArray());
        string file = Assert.Single(_folder.Files().Keys);
        Assert.Equal(
            _folder[Path.Combine("blobs", "ba", "7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")],
            file);
    }

    [Fact]
    public async Task A_folder_opened_for_reading_is_never_written_nor_made()
    {
        Digest digest = await new DirectoryBlobStore(_folder["blobs"]).PutAsync("kept"u8.ToArray());
        Assert.Equal("kept"u8.ToArray(), await DirectoryBlobStore.OpenForReading(_folder["blobs"]).GetAsync(digest));
        DirectoryBlobStore absent = DirectoryBlobStore.OpenForReading(_folder["absent"]);
        await Assert.ThrowsAsync<BlobMissingException>(async () => await absent.GetAsync(digest));
        Assert.False(await absent.ContainsAsync(digest));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await absent.PutAsync("forged"u8.ToArray()));
        Assert.Equal([_folder["blobs"]], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_blob_is_read_from_its_file_so_that_it_can_be_mapped()
    {
        var store = new DirectoryBlobStore(_folder.Path);
        Digest digest = await store.PutAsync("some"u8.ToArray());
        await using Stream file = await store.OpenReadAsync(digest);
        Assert.Equal(4, Assert.IsType<FileStream>(file).Length);
    }

    [Fact]
    public async Task Blobs_outlive_the_store()
    {
        Digest digest = await new DirectoryBlobStore(_folder.Path).PutAsync("kept"u8.ToArray());
        Assert.Equal("kept"u8.ToArray(), await new DirectoryBlobStore(_folder.Path).GetAsync(digest));
    }

    [Fact]
    public async Task A_flipped_byte_anywhere_is_found_on_reading_and_on_writing_again()
    {
        DirectoryBlobStore store = new(_folder.Path);
        byte[] content = "every byte counts"u8.ToArray();
        Digest digest = await store.PutAsync(content);
        string file = Assert.Single(_folder.Files().Keys);
        for (int i = 0; i < content.Length; i++)
        {
            byte[] flipped = content.ToArray();
            flipped[i] ^= 1;
            File.WriteAllBytes(file, flipped);
            await Assert.ThrowsAsync<BlobDamagedException>(async () => await store.VerifyAsync(Digest.Of(content)));
            BlobDamagedException read = await Assert.ThrowsAsync<BlobDamagedException>(async () => await store.GetAsync(digest));
            BlobDamagedException written = await Assert.ThrowsAsync<BlobDamagedException>(async () => await store.PutAsync(content));
            Assert.Equal((digest, Digest.Of(flipped)), (read.Digest, read.Actual));
            Assert.Equal((digest, Digest.Of(flipped)), (written.Digest, written.Actual));
            Assert.Equal(flipped, File.ReadAllBytes(file));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_truncated_blob_is_damaged(int length)
    {
        DirectoryBlobStore store = new(_folder.Path);
        Digest digest = await store.PutAsync("a whole blob"u8.ToArray());
        string file = Assert.Single(_folder.Files().Keys);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);
        await Assert.ThrowsAsync<BlobDamagedException>(async () => await store.GetAsync(digest));
    }

    [Fact]
    public async Task Writing_again_does_not_touch_the_file()
    {
        DirectoryBlobStore store = new(_folder.Path);
        await store.PutAsync("once"u8.ToArray());
        string file = Assert.Single(_folder.Files().Keys);
        DateTime marked = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, marked);
        await store.PutAsync("once"u8.ToArray());
        Assert.Equal(marked, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public async Task A_failed_write_leaves_no_file_behind()
    {
        DirectoryBlobStore store = new(_folder.Path);
        byte[] content = "abc"u8.ToArray();
        string hex = Digest.Of(content).ToString();
        // A folder stands where the blob belongs, so the rename at the end must fail.
        Directory.CreateDirectory(_folder[Path.Combine(hex[..2], hex[2..], "in the way")]);
        await Assert.ThrowsAnyAsync<Exception>(async () => await store.PutAsync(content));
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Many_writers_leave_nothing_but_blobs()
    {
        DirectoryBlobStore store = new(_folder.Path);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () => await store.PutAsync(new byte[1000 + i % 4]))));
        Assert.Equal(4, _folder.Files().Count);
        Assert.All(_folder.Files().Keys, file => Assert.Equal(62, Path.GetFileName(file).Length));
    }
}
