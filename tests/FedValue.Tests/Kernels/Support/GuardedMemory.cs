using System.Runtime.InteropServices;

namespace FedValue.Tests.Kernels.Support;

/// <summary>
/// Numbers between two pages that nobody may touch: a kernel that reads or writes one element too far ends the process at that instruction,
/// where ordinary memory would say nothing.
/// </summary>
sealed unsafe class GuardedMemory<T> : IDisposable where T : unmanaged
{
    readonly nint _map;
    readonly nuint _page, _inside;
    readonly int _capacity;

    /// <summary>Room for so many numbers.</summary>
    public GuardedMemory(int capacity)
    {
        _capacity = capacity;
        _page = (nuint)Environment.SystemPageSize;
        _inside = ((nuint)(capacity * sizeof(T)) + _page - 1) / _page * _page;
        _map = SystemMemory.Map(0, _inside + 2 * _page, SystemMemory.NoAccess, SystemMemory.PrivateAndAnonymous, -1, 0);
        if (_map == -1 || (_inside > 0 && SystemMemory.Protect(First, _inside, SystemMemory.ReadAndWrite) != 0))
            throw new InvalidOperationException($"The system gave no guarded memory: error {Marshal.GetLastPInvokeError()}.");
    }

    nint First => _map + (nint)_page;

    /// <summary>The pages before and after the numbers.</summary>
    public (nint Before, nint After) Guards => (_map, First + (nint)_inside);

    /// <summary>So many numbers, of which the first follows the guard page.</summary>
    public Span<T> AtStart(ReadOnlySpan<T> content) => Filled(First, content);

    /// <summary>So many numbers, of which the last is followed by the guard page.</summary>
    public Span<T> AtEnd(ReadOnlySpan<T> content) => Filled(First + (nint)_inside - content.Length * sizeof(T), content);

    public void Dispose() => SystemMemory.Unmap(_map, _inside + 2 * _page);

    Span<T> Filled(nint address, ReadOnlySpan<T> content)
    {
        Assert.True(content.Length <= _capacity);
        var span = new Span<T>((void*)address, content.Length);
        content.CopyTo(span);
        return span;
    }
}

/// <summary>The three calls to the system that it takes.</summary>
static class SystemMemory
{
    public const int NoAccess = 0, ReadAndWrite = 3, PrivateAndAnonymous = 0x22;

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static extern nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static extern int Protect(nint address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static extern int Unmap(nint address, nuint length);
}

/// <summary>A fact about guarded memory; skipped, with the reason, on systems where none is asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactWithGuardPagesAttribute : FactAttribute
{
    public FactWithGuardPagesAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "Guard pages are asked for with Linux's mmap and mprotect; here only the values of the kernels are checked.";
    }
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class TheoryWithGuardPagesAttribute : TheoryAttribute
{
    public TheoryWithGuardPagesAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = new FactWithGuardPagesAttribute().Skip;
    }
}
