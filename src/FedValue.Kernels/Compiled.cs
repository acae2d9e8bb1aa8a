using System.Runtime.CompilerServices;

namespace FedValue.Kernels;

/// <summary>How loops of kernels are compiled.</summary>
static class Compiled
{
    /// <summary>
    /// Whole at once, since profiled tiers first spill and stay slower; and apart from their callers, in whose code they would compete for
    /// registers: inlined, exponentials take half as long again.
    /// </summary>
    public const MethodImplOptions ByItself = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
