using System.Buffers;
using FedValue.Server.Http;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Http;

public sealed class WideBlocksTests
{
    const int Wide = 1 << 16, WideMax = 512;

    [Fact]
    public void Blocks_are_wide_until_all_are_lent_and_come_again_when_they_are_given_back()
    {
        var blocks = new WideBlocks();
        using MemoryPool<byte> one = blocks.Create(), other = blocks.Create();
        IMemoryOwner<byte>[] lent = [.. Enumerable.Range(0, WideMax).Select(k => (k % 2 == 0 ? one : other).Rent(4096))];
        Assert.All(lent, block => Assert.Equal(Wide, block.Memory.Length));
        Assert.Equal(WideMax, lent.Distinct().Count());
        using IMemoryOwner<byte> small = one.Rent(4096), least = other.Rent(), asked = one.Rent(40_000);
        Assert.InRange(small.Memory.Length, 4096, Wide - 1);
        Assert.InRange(least.Memory.Length, 4096, Wide - 1);
        Assert.InRange(asked.Memory.Length, 40_000, Wide);
        lent[7].Dispose();
        Assert.Same(lent[7], other.Rent(4096));
        Assert.Throws<ArgumentOutOfRangeException>(() => one.Rent(one.MaxBufferSize + 1));
    }

    [Fact]
    public async Task A_server_reads_into_wide_blocks()
    {
        await using Lab lab = await Lab.StartAsync();
        Assert.IsType<WideBlocks>(lab.Server.Buffers);
    }
}
