namespace FedValue.Valuation.Anomalies;

/// <summary>
/// Groups of participants who are closer to each other than participants are here: single-linkage clusters of the directions of their
/// updates, mean over rounds. A group of at most half of all counts when its members hang together at half the distance, at most, at which it
/// meets the next participant, and also at half the distance at which others find their nearest one. So neither learning the same thing nor
/// holding twice the data makes a duplicate, and of two camps neither is a group of duplicates.
/// </summary>
static class NearDuplicates
{
    /// <summary>At most this share of the distances around it is the distance that holds a group together.</summary>
    public const double DistanceShare = 0.5;

    /// <summary>The groups, each ascending, with the distance that holds it together.</summary>
    /// <param name="distances">Distances of directions, n x n, symmetric, 0 to 2; NaN where two never met.</param>
    /// <param name="count">n.</param>
    public static IEnumerable<(int[] Members, double Distance)> Groups(double[] distances, int count)
    {
        List<(SortedSet<int> Members, double Born)> clusters = [.. Enumerable.Range(0, count).Select(i => (new SortedSet<int> { i }, 0.0))];
        var found = new List<(int[] Members, double Distance)>();
        foreach ((int i, int j, double distance) in Edges(distances, count))
        {
            int a = clusters.FindIndex(c => c.Members.Contains(i)), b = clusters.FindIndex(c => c.Members.Contains(j));
            if (a == b)
                continue;
            foreach (int side in new[] { a, b })
            {
                (SortedSet<int> members, double born) = clusters[side];
                bool isMinority = members.Count > 1 && 2 * members.Count <= count;
                if (isMinority && born <= DistanceShare * Math.Min(distance, Usual(distances, count, members)))
                    found.Add(([.. members], born));
            }
            clusters[a].Members.UnionWith(clusters[b].Members);
            clusters[a] = (clusters[a].Members, distance);
            clusters.RemoveAt(b);
        }
        // The largest group says it all: what it contains need not be named again.
        return found.Where(group => !found.Any(other => other.Members.Length > group.Members.Length && group.Members.All(other.Members.Contains)));
    }

    static IEnumerable<(int I, int J, double Distance)> Edges(double[] distances, int count) =>
        Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(i + 1, count - i - 1).Select(j => (i, j, distances[i * count + j])))
            .Where(edge => !double.IsNaN(edge.Item3)).OrderBy(edge => edge.Item3);

    /// <summary>The median distance of everybody outside a group to the nearest one.</summary>
    static double Usual(double[] distances, int count, SortedSet<int> group) => RoundMeasures.Median(
    [
        .. Enumerable.Range(0, count).Where(i => !group.Contains(i)).Select(i => Enumerable.Range(0, count)
            .Where(j => j != i && !double.IsNaN(distances[i * count + j])).Select(j => distances[i * count + j])
            .DefaultIfEmpty(2).Min()),
    ]) ?? 2;
}
