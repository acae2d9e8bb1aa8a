using System.Globalization;
using FedValue.Kernels.Randomness;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>
/// Who holds which training rows: <c>iid</c>, <c>natural</c>, <c>dirichlet:A</c> (class mix), <c>size-dirichlet:A</c> (sizes),
/// <c>sizes:W+W</c>, <c>shards:K</c>, <c>classes:K</c> or <c>mixed-classes:F</c>; see <see cref="ClassPartition"/> for the last three.
/// </summary>
public sealed class Partition
{
    const int AttemptsMax = 1000;

    readonly int _each;
    readonly decimal[] _numbers;

    Partition(string kind, double alpha, string spec, int each = 0, params decimal[] numbers) =>
        (Kind, Alpha, Spec, _each, _numbers) = (kind, alpha, spec, each, numbers);

    /// <summary>The part before the colon.</summary>
    public string Kind { get; }

    /// <summary>The concentration of the Dirichlet draw; 0 where there is none.</summary>
    public double Alpha { get; }

    /// <summary>Its one spelling.</summary>
    public string Spec { get; }

    /// <summary>Whether the participants are those of the table.</summary>
    public bool IsNatural => Kind == "natural";

    /// <summary>Reads a partition.</summary>
    /// <exception cref="SimulationException">The text is none.</exception>
    public static Partition Parse(string spec)
    {
        string[] parts = spec.Split(':');
        switch (parts)
        {
            case ["iid" or "natural"]:
                return new Partition(parts[0], 0, spec);
            case ["dirichlet" or "size-dirichlet", var number]
                when TypedNumber.TryParse(number, NumberStyles.Float, out double alpha)
                && alpha is >= 1e-3 and <= 1e6:
                return new Partition(parts[0], alpha, parts[0] + ":" + NumberText.Of(alpha));
            case ["shards" or "classes", var number]
                when TypedNumber.TryParse(number, NumberStyles.None, out int each) && each > 0:
                return new Partition(parts[0], 0, parts[0] + ":" + NumberText.Of(each), each);
            case ["mixed-classes", var number] when Numbers(number) is [> 0 and <= 1 and var share]:
                return new Partition(parts[0], 0, parts[0] + ":" + NumberText.Of(share), 0, share);
            case ["sizes", var list] when Numbers(list) is { } sizes:
                return new Partition(parts[0], 0, parts[0] + ":" + string.Join("+", sizes.Select(NumberText.Of)), 0, sizes);
            default:
                throw new SimulationException(
                    "A partition is iid, natural, dirichlet:A or size-dirichlet:A with A from 0.001 to 1000000, sizes:W+W with weights " +
                    "above 0 and at most 1000000, shards:K or classes:K with K of 1 or more, or mixed-classes:F with 0 < F <= 1, " +
                    $"but '{spec}' came.");
        }
    }

    static decimal[]? Numbers(string list)
    {
        string[] parts = list.Split('+');
        var numbers = new decimal[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TypedNumber.TryParse(parts[i], NumberStyles.AllowDecimalPoint, out numbers[i])
                || numbers[i] is <= 0 or > 1_000_000)
                return null;
        }
        return numbers;
    }

    /// <summary>Divides the training rows.</summary>
    /// <param name="data">The table.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="participants">How many participants; null takes 8, or what table or sizes say.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>Each participant's id and rows (1 or more), in ordinal order of the ids.</returns>
    public IReadOnlyList<(string Id, int[] Rows)> Divide(Dataset data, int[] rows, int? participants, long seed)
    {
        if (IsNatural)
            return Natural(data, rows, participants);
        int count = participants ?? (Kind == "sizes" ? _numbers.Length : 8);
        if (Kind == "sizes" && count != _numbers.Length)
        {
            throw new SimulationException(
                $"The partition names {_numbers.Length} sizes, but {count} participants were asked for; leave --participants out.");
        }
        if (count < 1)
            throw new SimulationException($"At least 1 participant is needed, but {count} came.");
        if (count > rows.Length)
            throw new SimulationException($"There are {rows.Length} training rows, too few for {count} participants.");
        var byClass = new ClassPartition(data, rows, count, seed);
        int[][] parts = Kind switch
        {
            "sizes" => Held(ClassPartition.Cut(Shuffled(rows, seed, 0), _numbers)),
            "shards" => byClass.Shards(_each),
            "classes" => Held(byClass.Classes(_each)),
            "mixed-classes" => Held(byClass.Mixed(_numbers[0])),
            "iid" => Cut(Shuffled(rows, seed, 0), Enumerable.Repeat(1.0 / count, count)),
            "dirichlet" => Attempt(count, seed, attempt => ByClass(data, rows, count, seed, attempt)),
            _ => Attempt(count, seed, attempt => Cut(
                Shuffled(rows, seed, attempt), new RandomStream(seed, RandomPurpose.Partition, attempt, 1).NextDirichlet(Alpha, count))),
        };
        string padded = "D" + NumberText.Of(count).Length;
        return
        [
            .. parts.Select((part, k) =>
                ("participant-" + (k + 1).ToString(padded, CultureInfo.InvariantCulture), part.Order().ToArray())),
        ];
    }

    static IReadOnlyList<(string Id, int[] Rows)> Natural(Dataset data, int[] rows, int? participants)
    {
        if (data.Participants is not { } owners)
            throw new SimulationException("A natural partition needs a data set with a participant column: csv:FILE,participant=COL.");
        IEnumerable<IGrouping<string, int>> held = rows.GroupBy(row => owners[row]).OrderBy(g => g.Key, StringComparer.Ordinal);
        (string, int[])[] divided = [.. held.Select(g => (g.Key, g.ToArray()))];
        if (participants is { } wanted && wanted != divided.Length)
        {
            throw new SimulationException(
                $"The data set has {divided.Length} participants with training rows, but {wanted} were asked for; " +
                "leave --participants out.");
        }
        return divided;
    }

    /// <summary>Every class is divided by shares of its own (Hsu, Qi, Brown 2019): small alpha, few classes per participant.</summary>
    int[][] ByClass(Dataset data, int[] rows, int count, long seed, uint attempt)
    {
        List<int>[] parts = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        for (int label = 0; label < data.Classes.Count; label++)
        {
            var random = new RandomStream(seed, RandomPurpose.Partition, attempt, 2 + (uint)label);
            int[] ofClass = [.. rows.Where(row => data.Labels[row] == label)];
            random.Shuffle<int>(ofClass);
            int[][] cut = Cut(ofClass, random.NextDirichlet(Alpha, count));
            for (int k = 0; k < count; k++)
                parts[k].AddRange(cut[k]);
        }
        return [.. parts.Select(part => part.ToArray())];
    }

    int[][] Held(int[][] parts) => Array.FindIndex(parts, part => part.Length == 0) is >= 0 and var k
        ? throw new SimulationException($"Partition '{Spec}' leaves participant {k + 1} of {parts.Length} without rows; use fewer participants.")
        : parts;

    int[][] Attempt(int count, long seed, Func<uint, int[][]> draw)
    {
        for (uint attempt = 0; attempt < AttemptsMax; attempt++)
        {
            int[][] parts = draw(attempt);
            if (parts.All(part => part.Length > 0))
                return parts;
        }
        throw new SimulationException(
            $"Partition '{Spec}' left one of {count} participants without rows in {AttemptsMax} draws; " +
            $"use a larger A, fewer participants or another seed than {seed}.");
    }

    static int[] Shuffled(int[] rows, long seed, uint attempt)
    {
        int[] shuffled = [.. rows];
        new RandomStream(seed, RandomPurpose.Partition, attempt).Shuffle<int>(shuffled);
        return shuffled;
    }

    /// <summary>Cuts rows at the rounded cumulative shares.</summary>
    static int[][] Cut(int[] rows, IEnumerable<double> shares)
    {
        var parts = new List<int[]>();
        double cumulative = 0;
        int start = 0;
        foreach (double share in shares)
        {
            cumulative += share;
            int end = Math.Clamp((int)(cumulative * rows.Length + 0.5), start, rows.Length);
            parts.Add(rows[start..end]);
            start = end;
        }
        if (start < rows.Length) // rounding of the last share
            parts[^1] = [.. parts[^1], .. rows[start..]];
        return [.. parts];
    }
}
