using System.Buffers;
using System.Collections.Concurrent;

namespace Actors.Broker.Network;

/// <summary>
/// Memory for the connections' pipes in blocks of 64 KiB. Kestrel's own blocks hold 4 KiB, which costs a system call for every 4 KiB of a produce request.
/// Blocks come back to a bounded free list; what exceeds it is left to the garbage collector.
/// </summary>
public sealed class BlockMemoryPool : MemoryPool<byte>
{
    private const int BlockSize = 64 * 1024;
    private const int MaxFree = 256;
    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (!_free.TryDequeue(out var block))
            return new Block(this);
        Interlocked.Decrement(ref _freeCount);
        block.Reuse();
        return block;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _free.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _freeCount) <= MaxFree)
            _free.Enqueue(block);
        else
            Interlocked.Decrement(ref _freeCount);
    }

    private sealed class Block(BlockMemoryPool pool) : IMemoryOwner<byte>
    {
        private int _returned;

        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public void Reuse() => _returned = 0;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
                pool.Return(this);
        }
    }
}

/// <summary>Hands the listeners' transports a <see cref="BlockMemoryPool"/>.</summary>
public sealed class BlockMemoryPoolFactory : Microsoft.AspNetCore.Connections.IMemoryPoolFactory<byte>
{
    /// <inheritdoc/>
    public MemoryPool<byte> Create(Microsoft.AspNetCore.Connections.MemoryPoolOptions? options = null) => new BlockMemoryPool();
}
