namespace FedValue.Federation.Aggregation;

/// <summary>
/// Krum's choice (Blanchard et al. 2017), as Flower: of n members, the score of one is the sum of its squared distances to the
/// max(1, n-f-2) others nearest to it; the lowest scores win. Numbers of examples do not count.
/// </summary>
static class KrumSelection
{
    /// <summary>The members with the lowest scores, ascending; of equal scores the one first in the order of participants wins.</summary>
    /// <param name="updates">The round's updates.</param>
    /// <param name="coalition">1 or more indices into the updates, ascending.</param>
    /// <param name="byzantine">f, how many are assumed to be malicious.</param>
    /// <param name="keep">How many win, 1 or more; all where there are fewer.</param>
    public static int[] Best(RoundUpdates updates, ReadOnlySpan<int> coalition, int byzantine, int keep)
    {
        int[] members = coalition.ToArray();
        if (members.Length == 1)
            return members;
        int nearest = Math.Max(1, members.Length - byzantine - 2);
        return [.. members.OrderBy(member => Score(updates, members, member, nearest)).Take(keep).Order()]; // OrderBy is stable
    }

    static double Score(RoundUpdates updates, int[] members, int member, int nearest)
    {
        double[] distances = [.. members.Where(other => other != member).Select(other => updates.SquaredDistance(member, other))];
        Array.Sort(distances);
        double sum = 0;
        foreach (double distance in distances.AsSpan(0, nearest))
            sum += distance;
        return sum;
    }
}
