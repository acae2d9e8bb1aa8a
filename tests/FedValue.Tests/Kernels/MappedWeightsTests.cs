using System.Runtime.InteropServices;
using FedValue.Kernels;
using FedValue.Tests.Support;

namespace FedValue.Tests.Kernels;

public sealed class MappedWeightsTests : IDisposable
{
    const int Count = 5000;
    static readonly float[] Weights = [.. Enumerable.Range(0, Count).Select(i => i / 7f)];
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(136)]
    [InlineData(4096)]
    [InlineData(4100)]
    public void Weights_are_read_from_where_they_lie(int offset)
    {
        using FileStream file = Make(offset, more: 12);
        using IDisposable mapped = new MappedWeights(file, offset, Count);
        file.Dispose(); // the map does not need it
        ReadOnlyMemory<float> memory = ((MappedWeights)mapped).Memory;
        Assert.Equal(Weights, memory.ToArray());
        Assert.Equal(Weights[17..19], memory.Slice(17, 2).ToArray());
    }

    [Fact]
    public void What_is_given_back_cannot_be_read_and_is_not_mapped_any_more()
    {
        using FileStream file = Make(offset: 8, more: 0);
        var mapped = new MappedWeights(file, 8, Count);
        ReadOnlyMemory<float> memory = mapped.Memory;
        Assert.True(Maps.Of(_folder.Path) is null or 1);
        ((IDisposable)mapped).Dispose();
        ((IDisposable)mapped).Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.True(Maps.Of(_folder.Path) is null or 0);
    }

    [Theory]
    [InlineData(2, Count)]
    [InlineData(-4, 1)]
    [InlineData(0, 0)]
    [InlineData(0, Count + 1)]
    [InlineData(4, Count)]
    [InlineData(1 << 20, 1)]
    public void What_the_file_does_not_hold_there_is_refused(int offset, int count)
    {
        using FileStream file = Make(offset: 0, more: 0);
        Assert.StartsWith($"Expected {count} weights", Assert.Throws<ArgumentException>(() => new MappedWeights(file, offset, count)).Message);
    }

    [Fact]
    public void A_round_in_files_has_the_figures_of_one_in_arrays()
    {
        using FileStream file = Make(offset: 0, more: 0);
        using IDisposable mapped = new MappedWeights(file, 0, Count);
        float[] start = [.. Weights.Reverse()];
        var lying = new UpdateRows(start, [((MappedWeights)mapped).Memory, Weights]);
        var held = new UpdateRows(start, [Weights, Weights]);
        var backend = new CpuBackend(threads: 2);
        Assert.Equal(backend.Gram(held), backend.Gram(lying));
        Assert.Equal(backend.Combine(held, [0.3, -2]), backend.Combine(lying, [0.3, -2]));
    }

    FileStream Make(int offset, int more)
    {
        string path = Path.Combine(_folder.Path, "weights");
        File.WriteAllBytes(path, [.. new byte[offset], .. MemoryMarshal.AsBytes<float>(Weights), .. new byte[more]]);
        return File.OpenRead(path);
    }
}
