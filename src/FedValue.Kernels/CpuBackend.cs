using System.Runtime.Intrinsics;

namespace FedValue.Kernels;

/// <summary>Managed SIMD on the CPU.</summary>
public sealed class CpuBackend : IComputeBackend
{
    /// <summary>Uses at most so many threads.</summary>
    /// <param name="threads">1 or more.</param>
    public CpuBackend(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
    }

    /// <summary>The widest vectors this process computes with, for reports: avx-512, avx2, 128-bit or none.</summary>
    public static string VectorTier =>
        Vector512.IsHardwareAccelerated ? "avx-512"
        : Vector256.IsHardwareAccelerated ? "avx2"
        : Vector128.IsHardwareAccelerated ? "128-bit"
        : "none";

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public int Threads { get; }

    /// <inheritdoc/>
    public RoundFigures Read(UpdateRows rows, FiguresWanted wanted)
    {
        wanted.ThrowIfUnfit(rows);
        return RoundKernels.Read(rows, wanted, Threads);
    }

    /// <inheritdoc/>
    public double[] Measure(UpdateRows rows, int row, IReadOnlyList<float[]> references)
    {
        if (row < 0 || row >= rows.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(row), $"There are {rows.Count} updates, numbered from 0, but update {row} was asked for.");
        }
        UpdateTile.ThrowIfUnfit(references, rows.Length);
        return RoundKernels.Measure(rows, row, references, Threads);
    }
}

/// <summary>The weighted sum of some updates, for callers that run many of them in parallel themselves.</summary>
public static class RoundCombination
{
    /// <summary>A good number of weights to do at once: a whole number of tiles, that stay in a cache.</summary>
    public const int PartLength = 16 * TileSchedule.TileLength;

    /// <summary>
    /// A part of combination (d) = sum_i coefficients[i] * row(members[i]), product and sum rounded separately, in the order of the members.
    /// </summary>
    /// <param name="rows">X.</param>
    /// <param name="members">Numbers of rows.</param>
    /// <param name="coefficients">As many.</param>
    /// <param name="start">The first weight of the part: 0 or a multiple of <see cref="PartLength"/>.</param>
    /// <param name="combination">Receives the part: a whole number of times <see cref="PartLength"/>, or up to d.</param>
    /// <param name="cancellation">Stops between tiles.</param>
    public static void Of(
        UpdateRows rows, ReadOnlySpan<int> members, ReadOnlySpan<double> coefficients, int start, Span<double> combination,
        CancellationToken cancellation = default)
    {
        if (start < 0 || start % PartLength != 0 || combination.Length > rows.Length - start
            || (combination.Length < rows.Length - start && combination.Length % PartLength != 0))
        {
            throw new ArgumentException($"A part of {rows.Length} weights begins at a multiple of {PartLength} and is as long or ends with them, " +
                $"but {combination.Length} places from {start} on came.");
        }
        if (members.Length != coefficients.Length)
            throw new ArgumentException($"{members.Length} members need as many coefficients, but {coefficients.Length} came.");
        foreach (int member in members)
        {
            if (member < 0 || member >= rows.Count)
            {
                throw new ArgumentException(
                    $"There are {rows.Count} updates, numbered from 0, but member {member} was asked for.", nameof(members));
            }
        }
        RoundKernels.Combine(rows, members, coefficients, start / TileSchedule.TileLength, combination, cancellation);
    }
}
