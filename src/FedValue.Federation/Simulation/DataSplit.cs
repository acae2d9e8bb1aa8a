using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Federation.Simulation;

/// <summary>
/// Which rows train, which the server validates with, and which only the final report sees. Rows are drawn within each natural participant,
/// so that everyone keeps training rows; with groups, whole groups are drawn instead. Where the data set holds rows out, those validate and
/// test in the proportion of the two shares, and all others train.
/// </summary>
/// <param name="Train">Row numbers for the participants, ascending.</param>
/// <param name="Blocks">The server's rows in the blocks of the jackknife.</param>
/// <param name="Test">Row numbers that valuation never sees.</param>
public sealed record DataSplit(int[] Train, ValidationBlocks Blocks, int[] Test)
{
    /// <summary>Row numbers for the server, block by block.</summary>
    public int[] Validation => Blocks.Rows;

    /// <summary>Draws a split.</summary>
    /// <param name="data">The table.</param>
    /// <param name="validation">Share of rows for validation, in (0, 1).</param>
    /// <param name="test">Share of rows for test, in [0, 1).</param>
    /// <param name="seed">The run's seed.</param>
    public static DataSplit Draw(Dataset data, decimal validation, decimal test, long seed)
    {
        if (validation is <= 0 or >= 1 || test is < 0 or >= 1 || validation + test >= 1)
        {
            throw new SimulationException(
                "The validation share must be above 0, the test share 0 or more, and both together below 1, " +
                $"but {NumberText.Of(validation)} and {NumberText.Of(test)} came.");
        }
        var random = new RandomStream(seed, RandomPurpose.Split);
        return data.HeldOut is { } heldOut ? OfHeldOut(data, heldOut, validation, test, random)
            : data.Groups is { } groups ? ByGroup(data, groups, validation, test, random)
            : ByRow(data, validation, test, random);
    }

    static DataSplit ByRow(Dataset data, decimal validation, decimal test, RandomStream random)
    {
        List<int> trainRows = [], validationRows = [], testRows = [];
        string[] owners = data.Participants is { } participants ? [.. participants] : [.. Enumerable.Repeat("", data.Count)];
        IEnumerable<IGrouping<string, int>> strata = Enumerable.Range(0, data.Count).GroupBy(row => owners[row]);
        foreach (IGrouping<string, int> stratum in strata.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            int[] rows = [.. stratum];
            random.Shuffle<int>(rows);
            int forValidation = (int)(validation * rows.Length), forTest = (int)(test * rows.Length);
            validationRows.AddRange(rows[..forValidation]);
            testRows.AddRange(rows[forValidation..(forValidation + forTest)]);
            trainRows.AddRange(rows[(forValidation + forTest)..]);
        }
        return new DataSplit([.. trainRows.Order()], ValidationBlocks.OfRows(validationRows, random), [.. testRows.Order()]);
    }

    /// <summary>Divides the held-out rows: participants as a whole where there are any, else row by row.</summary>
    static DataSplit OfHeldOut(Dataset data, IReadOnlyList<bool> heldOut, decimal validation, decimal test, RandomStream random)
    {
        int[] rows = [.. Enumerable.Range(0, data.Count).Where(row => heldOut[row])];
        int[] train = [.. Enumerable.Range(0, data.Count).Where(row => !heldOut[row])];
        decimal wanted = validation / (validation + test) * rows.Length;
        if (data.Participants is not { } owners)
        {
            random.Shuffle<int>(rows);
            int cut = (int)wanted;
            return new DataSplit(train, ValidationBlocks.OfRows(rows[..cut], random), [.. rows[cut..].Order()]);
        }
        string[] names = [.. rows.Select(row => owners[row]).Distinct().Order(StringComparer.Ordinal)];
        if (test > 0 && names.Length < 2)
        {
            throw new SimulationException(
                $"One participant is held out ('{names[0]}'), which cannot both validate and test; hold out another one or use --test 0.");
        }
        random.Shuffle<string>(names);
        List<int> validationRows = [], testRows = [];
        for (int i = 0; i < names.Length; i++)
        {
            bool lastForTest = test > 0 && i == names.Length - 1;
            List<int> side = validationRows.Count < wanted && !lastForTest ? validationRows : testRows;
            side.AddRange(rows.Where(row => owners[row] == names[i]));
        }
        return new DataSplit(train, ValidationBlocks.OfGroups(validationRows, owners, random), [.. testRows.Order()]);
    }

    /// <summary>Takes whole groups for validation until its share is reached, then for test; the rest trains.</summary>
    static DataSplit ByGroup(Dataset data, IReadOnlyList<string> groups, decimal validation, decimal test, RandomStream random)
    {
        string[] names = [.. groups.Distinct().Order(StringComparer.Ordinal)];
        random.Shuffle<string>(names);
        var rowsOf = Enumerable.Range(0, data.Count).ToLookup(row => groups[row]);
        List<int> trainRows = [], validationRows = [], testRows = [];
        foreach (string name in names)
        {
            List<int> side = validationRows.Count < validation * data.Count ? validationRows
                : testRows.Count < test * data.Count ? testRows
                : trainRows;
            side.AddRange(rowsOf[name]);
        }
        if (trainRows.Count == 0)
        {
            throw new SimulationException(
                $"The group column has {names.Length} {(names.Length == 1 ? "group" : "groups")}, "
                + "too few to train, validate and test on different ones.");
        }
        return new DataSplit([.. trainRows.Order()], ValidationBlocks.OfGroups(validationRows, groups, random), [.. testRows.Order()]);
    }
}

/// <summary>
/// Scales features to mean 0 and standard deviation 1, as measured on the training rows alone; a feature that is constant there becomes 0.
/// </summary>
public sealed class Standardization
{
    readonly double[] _means, _scales;

    Standardization(double[] means, double[] scales) => (_means, _scales) = (means, scales);

    /// <summary>Measures the training rows, 1 or more, in their order.</summary>
    public static Standardization Learn(Dataset data, IReadOnlyList<int> rows)
    {
        var means = new double[data.Width];
        var scales = new double[data.Width];
        for (int c = 0; c < data.Width; c++)
        {
            double sum = 0, squares = 0, first = data.Features[rows[0] * data.Width + c];
            bool constant = true; // asked exactly: the rounded mean of equal numbers may be another number
            foreach (int row in rows)
            {
                sum += data.Features[row * data.Width + c];
                constant &= data.Features[row * data.Width + c] == first;
            }
            means[c] = sum / rows.Count;
            foreach (int row in rows)
            {
                double deviation = data.Features[row * data.Width + c] - means[c];
                squares += deviation * deviation;
            }
            double spread = Math.Sqrt(squares / rows.Count);
            scales[c] = constant || spread == 0 ? 0 : 1 / spread;
        }
        return new Standardization(means, scales);
    }

    /// <summary>Standardized fp32 rows with their labels, in the order asked for.</summary>
    public LabelledRows Apply(Dataset data, IReadOnlyList<int> rows)
    {
        var features = new float[rows.Count * data.Width];
        var labels = new int[rows.Count];
        for (int i = 0; i < rows.Count; i++)
        {
            for (int c = 0; c < data.Width; c++)
                features[i * data.Width + c] = (float)((data.Features[rows[i] * data.Width + c] - _means[c]) * _scales[c]);
            labels[i] = data.Labels[rows[i]];
        }
        return new LabelledRows(data.Width, features, labels);
    }
}
