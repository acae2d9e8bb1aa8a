using FedValue.Kernels.Randomness;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Simulation;

/// <summary>
/// How validation rows are cut into the blocks of the jackknife. Rows of a group resemble each other, so a group stands in one block: leaving
/// the block out leaves the whole group out, and the error of the values is that of drawing groups, not rows.
/// </summary>
/// <param name="Rows">Row numbers, block by block.</param>
/// <param name="Ends">Where each block ends; null for blocks of equal size.</param>
/// <param name="Groups">How many groups the rows come from; null without groups.</param>
public sealed record ValidationBlocks(int[] Rows, int[]? Ends, int? Groups)
{
    /// <summary>Whether there are too few groups to fill the blocks, so that intervals know the error of rows only and are too narrow.</summary>
    public bool AreTooFewGroups => Groups < Jackknife.Blocks;

    /// <summary>Rows that do not depend on each other, in drawn order: consecutive rows are a random block.</summary>
    public static ValidationBlocks OfRows(IEnumerable<int> rows, RandomStream random)
    {
        int[] shuffled = [.. rows];
        random.Shuffle<int>(shuffled);
        return new ValidationBlocks(shuffled, null, null);
    }

    /// <summary>
    /// Whole groups in blocks as equal as may be: the largest group first, each into the block that has the fewest rows. With fewer groups
    /// than blocks the rows are shuffled instead.
    /// </summary>
    /// <param name="rows">The validation rows.</param>
    /// <param name="groups">The group of every row of the table.</param>
    /// <param name="random">Orders groups of one size, or the rows.</param>
    public static ValidationBlocks OfGroups(IEnumerable<int> rows, IReadOnlyList<string> groups, RandomStream random)
    {
        int[][] members = [.. rows.Order().GroupBy(row => groups[row]).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.ToArray())];
        if (members.Length < Jackknife.Blocks)
            return OfRows(members.SelectMany(rowsOf => rowsOf), random) with { Groups = members.Length };

        random.Shuffle<int[]>(members);
        List<int>[] blocks = [.. Enumerable.Range(0, Jackknife.Blocks).Select(_ => new List<int>())];
        foreach (int[] group in members.OrderByDescending(group => group.Length))
            blocks.MinBy(block => block.Count)!.AddRange(group);
        var ends = new int[blocks.Length];
        for (int b = 0; b < ends.Length; b++)
            ends[b] = (b == 0 ? 0 : ends[b - 1]) + blocks[b].Count;
        return new ValidationBlocks([.. blocks.SelectMany(block => block)], ends, members.Length);
    }
}
