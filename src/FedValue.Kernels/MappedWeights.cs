using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace FedValue.Kernels;

/// <summary>
/// Weights that lie in a file, mapped into memory: the system reads them when they are computed with, and takes the memory back when it is
/// short of it. The file must not be made shorter meanwhile; a reading beyond its end would end the process.
/// </summary>
public sealed unsafe class MappedWeights : MemoryManager<float>
{
    readonly MemoryMappedViewAccessor _view;
    readonly int _count;
    float* _first;

    /// <summary>Maps a part of a file, which may be closed then.</summary>
    /// <param name="file">The file, little-endian as this machine.</param>
    /// <param name="offset">Where the first weight begins, in bytes; a multiple of 4.</param>
    /// <param name="count">How many weights, 1 or more.</param>
    /// <exception cref="ArgumentException">The file does not hold as many there.</exception>
    public MappedWeights(FileStream file, long offset, int count)
    {
        long length = (long)count * sizeof(float);
        if (offset < 0 || offset % sizeof(float) != 0 || count < 1 || file.Length - offset < length)
        {
            throw new ArgumentException(
                $"Expected {count} weights (1 or more) from byte {offset} (a multiple of {sizeof(float)}) of a file of {file.Length} bytes on.");
        }
        using var mapping = MemoryMappedFile.CreateFromFile(
            file, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = mapping.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _first = (float*)(start + _view.PointerOffset);
        _count = count;
    }

    /// <summary>The weights; reading them after <see cref="IDisposable.Dispose"/> would end the process, asking for them then only throws.</summary>
    /// <exception cref="ObjectDisposedException">They are not mapped any more.</exception>
    public override Span<float> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_first is null, this);
        return new Span<float>(_first, _count);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_first is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_count, nameof(elementIndex));
        return new MemoryHandle(_first + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_first is null)
            return;
        _first = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
    }
}
