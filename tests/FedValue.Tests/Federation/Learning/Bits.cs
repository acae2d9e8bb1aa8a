using System.Runtime.InteropServices;

namespace FedValue.Tests.Federation.Learning;

/// <summary>Numbers as their bits: where bits are promised, 0 and -0 are different and a NaN is itself.</summary>
static class Bits
{
    public static uint[] Of(ReadOnlySpan<float> numbers) => MemoryMarshal.Cast<float, uint>(numbers).ToArray();

    public static ulong[] Of(ReadOnlySpan<double> numbers) => MemoryMarshal.Cast<double, ulong>(numbers).ToArray();
}
