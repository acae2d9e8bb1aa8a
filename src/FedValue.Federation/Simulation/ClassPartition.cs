using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>Divisions of training rows by their class. Rows of a class are always drawn, so that no division follows the file's order.</summary>
/// <param name="data">The table.</param>
/// <param name="rows">The training rows.</param>
/// <param name="count">How many participants.</param>
/// <param name="seed">The run's seed.</param>
sealed class ClassPartition(Dataset data, int[] rows, int count, long seed)
{
    /// <summary>
    /// Rows sorted by class, cut into count x shards pieces of equal size, which are dealt at random, the same number to everybody
    /// (McMahan et al., AISTATS 2017).
    /// </summary>
    public int[][] Shards(int shards)
    {
        long pieces = (long)count * shards;
        if (pieces > rows.Length)
        {
            throw new SimulationException(
                $"{count} participants with {shards} shards each need {pieces} training rows, but there are {rows.Length}.");
        }
        int[] sorted = [.. Enumerable.Range(0, data.Classes.Count).SelectMany(RowsOf)];
        int[] deal = new RandomStream(seed, RandomPurpose.Partition).NextPermutation((int)pieces);
        int Start(long piece) => (int)(piece * rows.Length / pieces);
        return Parts(k => Enumerable.Range(k * shards, shards).SelectMany(i => sorted[Start(deal[i])..Start(deal[i] + 1L)]));
    }

    /// <summary>
    /// Everybody holds a number of classes: the classes, in a random order, are dealt round after round, and a class is divided evenly
    /// among those who got it.
    /// </summary>
    public int[][] Classes(int each)
    {
        int classes = data.Classes.Count;
        if (each > classes)
            throw new SimulationException($"A participant cannot hold {each} classes, for there are {classes}.");
        if ((long)count * each < classes)
        {
            throw new SimulationException(
                $"{count} participants with {each} classes each cannot hold all {classes} classes; use more of either.");
        }
        int[] order = new RandomStream(seed, RandomPurpose.Partition).NextPermutation(classes);
        ILookup<int, int> holders = Enumerable.Range(0, count * each).ToLookup(deal => order[deal % classes], deal => deal / each);
        return Divide(label => [.. holders[label].Select(k => (k, 1m))]);
    }

    /// <summary>
    /// Case 2 of GTG-Shapley (arXiv:2109.02053): the first two participants hold a share of all rows of the first two classes, the next two
    /// of the next two classes, and so on, beginning again after the last class; all others hold the rest of a class in equal parts.
    /// </summary>
    public int[][] Mixed(decimal share)
    {
        int pairs = (data.Classes.Count + 1) / 2;
        return Divide(label =>
        {
            bool[] owns = [.. Enumerable.Range(0, count).Select(k => k / 2 % pairs == label / 2)];
            int owners = owns.Count(own => own), others = count - owners;
            if (owners == 0 || others == 0)
                return [.. Enumerable.Range(0, count).Select(k => (k, 1m))];
            return [.. owns.Select((own, k) => (k, own ? share / owners : (1 - share) / others))];
        });
    }

    /// <summary>Divides every class by weights of its own, which need not sum to 1.</summary>
    int[][] Divide(Func<int, (int Participant, decimal Weight)[]> weightsOf)
    {
        List<int>[] parts = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        for (int label = 0; label < data.Classes.Count; label++)
        {
            int[] ofClass = RowsOf(label);
            (int Participant, decimal Weight)[] weights = weightsOf(label);
            int[][] cut = Cut(ofClass, [.. weights.Select(w => w.Weight)]);
            for (int i = 0; i < cut.Length; i++)
                parts[weights[i].Participant].AddRange(cut[i]);
        }
        return Parts(k => parts[k]);
    }

    /// <summary>Cuts rows at their cumulative weights, rounded.</summary>
    public static int[][] Cut(int[] rows, IReadOnlyList<decimal> weights)
    {
        decimal total = weights.Sum(), cumulative = 0;
        var parts = new int[weights.Count][];
        int start = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            cumulative += weights[i];
            int end = i == parts.Length - 1 ? rows.Length : (int)Math.Round(cumulative / total * rows.Length, MidpointRounding.AwayFromZero);
            parts[i] = rows[start..end];
            start = end;
        }
        return parts;
    }

    int[] RowsOf(int label)
    {
        int[] ofClass = [.. rows.Where(row => data.Labels[row] == label)];
        new RandomStream(seed, RandomPurpose.Partition, 0, 2 + (uint)label).Shuffle<int>(ofClass);
        return ofClass;
    }

    int[][] Parts(Func<int, IEnumerable<int>> rowsOf) => [.. Enumerable.Range(0, count).Select(k => rowsOf(k).ToArray())];
}
