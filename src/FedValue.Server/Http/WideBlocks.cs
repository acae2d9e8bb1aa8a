using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace FedValue.Server.Http;

/// <summary>
/// Buffers of connections in blocks of 64 KiB instead of 4: a receive fills at most one block, so an upload of many megabytes takes a sixteenth
/// of the system calls. There are so many wide blocks at most; who comes when all are lent gets small ones. A silent connection holds none.
/// </summary>
sealed class WideBlocks : IMemoryPoolFactory<byte>
{
    const int BlockLength = 1 << 16, BlocksMax = 512, SmallLength = 1 << 12;

    readonly Pool _pool = new(); // of all listeners, so that the bound is one

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => _pool;

    sealed class Pool : MemoryPool<byte>
    {
        readonly ConcurrentBag<Block> _free = [];
        int _made;

        public override int MaxBufferSize => BlockLength;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockLength);
            if (_free.TryTake(out Block? block))
                return block;
            if (Volatile.Read(ref _made) < BlocksMax && Interlocked.Increment(ref _made) <= BlocksMax)
                return new Block(_free);
            return Shared.Rent(Math.Max(minBufferSize, SmallLength));
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    /// <summary>Goes back to the free ones; whoever had it must not use it any more, nor give it back twice.</summary>
    sealed class Block(ConcurrentBag<Block> free) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockLength, pinned: true);

        public void Dispose() => free.Add(this);
    }
}
