using FedValue.Ledger;
using FedValue.Ledger.Storage;
using Xunit;

namespace FedValue.Contracts.Ledger;

/// <summary>What every blob store promises.</summary>
public abstract class BlobStoreContract
{
    /// <summary>A store without blobs.</summary>
    protected abstract Task<IBlobStore> CreateAsync();

    [Fact]
    public async Task A_blob_is_named_by_the_digest_of_its_content()
    {
        IBlobStore store = await CreateAsync();
        byte[] content = "a model"u8.ToArray();
        Digest digest = await store.PutAsync(content);
        Assert.Equal(Digest.Of(content), digest);
        Assert.Equal(content, await store.GetAsync(digest));
        Assert.True(await store.ContainsAsync(digest));
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        IBlobStore store = await CreateAsync();
        Digest digest = await store.PutAsync(ReadOnlyMemory<byte>.Empty);
        Assert.Empty(await store.GetAsync(digest));
    }

    [Fact]
    public async Task A_large_blob_comes_back_whole()
    {
        IBlobStore store = await CreateAsync();
        byte[] content = [.. Enumerable.Range(0, 3_000_001).Select(i => (byte)(i * 31 + (i >> 8)))];
        Digest digest = await store.PutAsync(content);
        byte[] read = await store.GetAsync(digest);
        Assert.True(content.AsSpan().SequenceEqual(read));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_001)]
    public async Task A_stream_is_stored_as_its_content_would_be(int length)
    {
        IBlobStore store = await CreateAsync();
        byte[] content = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + (i >> 8)))];
        Digest digest = await store.PutAsync(new Trickle(content));
        Assert.Equal(Digest.Of(content), digest);
        byte[] read = await store.GetAsync(digest);
        Assert.True(content.AsSpan().SequenceEqual(read));
        Assert.Equal(digest, await store.PutAsync(new MemoryStream(content)));
        Assert.Equal(digest, await store.PutAsync(content));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_or_is_cancelled_leaves_nothing()
    {
        IBlobStore store = await CreateAsync();
        byte[] content = new byte[200_000];
        await Assert.ThrowsAsync<IOException>(async () => await store.PutAsync(new Trickle(content, breaksAt: 150_000)));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.PutAsync(new Trickle(content, breaksAt: 150_000, cancelled), cancelled.Token));
        Assert.False(await store.ContainsAsync(Digest.Of(content)));
        Assert.False(await store.ContainsAsync(Digest.Of(content.AsSpan(0, 150_000))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    public async Task A_stream_that_nobody_wants_to_keep_is_read_to_its_end_and_leaves_nothing(int length)
    {
        IBlobStore store = await CreateAsync();
        byte[] content = new byte[length];
        Digest expected = Digest.Of(content);
        var asked = new List<Digest>();
        Digest digest = await store.PutAsync(new Trickle(content), came =>
        {
            asked.Add(came);
            return false;
        });
        Assert.Equal(expected, digest);
        Assert.Equal([expected], asked);
        Assert.False(await store.ContainsAsync(expected));
        await Assert.ThrowsAsync<BlobMissingException>(async () => await store.GetAsync(expected));

        Assert.Equal(expected, await store.PutAsync(new Trickle(content), came => came == expected));
        Assert.Equal(content, await store.GetAsync(expected));
        Assert.Equal(expected, await store.PutAsync(new Trickle(content), _ => false));
        Assert.True(await store.ContainsAsync(expected)); // what another kept stays
    }

    [Fact]
    public async Task Who_fails_when_asked_whether_to_keep_leaves_nothing()
    {
        IBlobStore store = await CreateAsync();
        byte[] content = new byte[10];
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            async () => await store.PutAsync(new Trickle(content), _ => throw new InvalidTimeZoneException()));
        Assert.False(await store.ContainsAsync(Digest.Of(content)));
    }

    [Fact]
    public async Task Many_streams_of_one_content_at_once_are_one_blob()
    {
        IBlobStore store = await CreateAsync();
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        Digest[] digests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await store.PutAsync(new Trickle(content)))));
        Assert.All(digests, digest => Assert.Equal(Digest.Of(content), digest));
        byte[] read = await store.GetAsync(digests[0]);
        Assert.True(content.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task The_same_content_twice_is_one_blob()
    {
        IBlobStore store = await CreateAsync();
        Digest first = await store.PutAsync("same"u8.ToArray());
        Digest second = await store.PutAsync("same"u8.ToArray());
        Assert.Equal(first, second);
        Assert.Equal("same"u8.ToArray(), await store.GetAsync(first));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_000_001)]
    public async Task A_content_that_is_made_while_it_is_written_is_stored_as_its_bytes_would_be(int length)
    {
        IBlobStore store = await CreateAsync();
        var content = new Made(length);
        Digest digest = await store.PutAsync(content);
        byte[] bytes = content.ToArray();
        Assert.Equal(Digest.Of(bytes), digest);
        Assert.Equal(digest, content.Digest());
        byte[] read = await store.GetAsync(digest);
        Assert.True(bytes.AsSpan().SequenceEqual(read));
        Assert.Equal(length, await store.VerifyAsync(digest));
        Assert.Equal(digest, await store.PutAsync(content));
        Assert.Equal(digest, await store.PutAsync(bytes));
        Assert.Equal(content.Opened, content.Closed);

        var other = new Made(length + 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(other, new CancellationToken(canceled: true)));
        Assert.False(await store.ContainsAsync(other.Digest()));
        await Assert.ThrowsAsync<BlobMissingException>(async () => await store.VerifyAsync(other.Digest()));
    }

    sealed class Made(int length) : IBlobContent
    {
        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public long Length => length;

        public Stream OpenRead()
        {
            Opened++;
            return new Counted([.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + (i >> 8)))], () => Closed++);
        }

        sealed class Counted(byte[] bytes, Action closed) : MemoryStream(bytes)
        {
            protected override void Dispose(bool disposing)
            {
                closed();
                base.Dispose(disposing);
            }
        }
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_missing()
    {
        IBlobStore store = await CreateAsync();
        Digest digest = Digest.Of("nothing"u8);
        BlobMissingException missing = await Assert.ThrowsAsync<BlobMissingException>(async () => await store.GetAsync(digest));
        Assert.Equal(digest, missing.Digest);
        Assert.False(await store.ContainsAsync(digest));
    }

    [Fact]
    public async Task Nobody_can_change_a_blob_through_an_array()
    {
        IBlobStore store = await CreateAsync();
        byte[] given = "content"u8.ToArray();
        Digest digest = await store.PutAsync(given);
        given.AsSpan().Clear();
        (await store.GetAsync(digest)).AsSpan().Clear();
        Assert.Equal("content"u8.ToArray(), await store.GetAsync(digest));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        IBlobStore store = await CreateAsync();
        CancellationToken cancelled = new(canceled: true);
        byte[] content = "never"u8.ToArray();
        Digest digest = Digest.Of(content);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(content, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync(digest, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ContainsAsync(digest, cancelled));
        Assert.False(await store.ContainsAsync(digest));
    }

    [Fact]
    public async Task Many_writers_of_the_same_and_of_other_contents_do_not_disturb_each_other()
    {
        IBlobStore store = await CreateAsync();
        byte[] Content(int i) => [.. Enumerable.Range(0, 10_000).Select(j => (byte)(i + j))];
        int[] contents = [.. Enumerable.Range(0, 64).Select(i => i % 8)];
        Digest[] digests = await Task.WhenAll(contents.Select(i => Task.Run(async () =>
        {
            Digest digest = await store.PutAsync(Content(i));
            Assert.Equal(Content(i), await store.GetAsync(digest));
            return digest;
        })));
        Assert.Equal(contents.Select(i => Digest.Of(Content(i))), digests);
    }
}
