using System.Globalization;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>Which rows of which folder: <c>FOLDER[,train=N][,test=N]</c>.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Train">Only the first so many training rows; null: all.</param>
/// <param name="Test">Only the first so many test rows; null: all.</param>
sealed record IdxSource(string Folder, int? Train, int? Test)
{
    /// <summary>The limits in one spelling.</summary>
    public string Limits => Part("train", Train) + Part("test", Test);

    /// <summary>Reads what stands after <c>idx:</c>.</summary>
    /// <exception cref="SimulationException">It is something else.</exception>
    public static IdxSource Parse(string text)
    {
        string[] parts = text.Split(',');
        var source = new IdxSource(parts[0], null, null);
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            int? rows = pair.Length == 2 && TypedNumber.TryParse(pair[1], NumberStyles.None, out int n) && n > 0
                ? n : null;
            source = (pair[0], rows) switch
            {
                ("train", not null) when source.Train is null => source with { Train = rows },
                ("test", not null) when source.Test is null => source with { Test = rows },
                _ => throw new SimulationException(
                    $"After the folder, an idx data set takes train=N and test=N, rows of 1 or more, each once, but '{part}' came."),
            };
        }
        return source;
    }

    static string Part(string name, int? rows) => rows is { } n ? $",{name}={NumberText.Of(n)}" : "";
}

/// <summary>
/// Reads a folder of IDX files: <c>train*</c> trains, <c>t10k*</c> or <c>test*</c> validates and tests. Of each pair, the file with one
/// dimension holds the labels. Limits take the first rows, because published files are in random order and a prefix needs no seed.
/// </summary>
static class IdxFolder
{
    public static Dataset Load(IdxSource source)
    {
        string[] files = DataFile.In(source.Folder, "idx");
        Half train = Half.Read(source.Folder, "training", "train*", files, ["train"], source.Train, "train");
        Half test = Half.Read(source.Folder, "test", "t10k* or test*", files, ["t10k", "test"], source.Test, "test");
        if (train.Features.Width != test.Features.Width)
        {
            throw new SimulationException(
                $"Rows of '{train.Features.File}' have {train.Features.Width} values, but those of '{test.Features.File}' have " +
                $"{test.Features.Width}.");
        }
        int width = train.Features.Width, count = train.Rows + test.Rows;
        if ((long)width * count > Array.MaxLength)
        {
            throw new SimulationException(
                $"{count} rows of {width} values are too many to hold; take fewer with train=N and test=N.");
        }
        int classes = 1 + Math.Max(train.LargestLabel(), test.LargestLabel());
        if (classes < 2)
            throw new SimulationException($"The labels in '{source.Folder}' are all 0; at least two classes are needed.");
        var features = new double[width * count];
        train.Features.CopyTo(features, 0, train.Rows);
        test.Features.CopyTo(features, train.Rows, test.Rows);
        return new Dataset
        {
            Name = "idx",
            Digest = DataFile.DigestOf([.. train.Contents, .. test.Contents]),
            Width = width,
            Features = features,
            Labels =
            [
                .. Enumerable.Range(0, train.Rows).Select(row => (int)train.Labels.Byte(row)),
                .. Enumerable.Range(0, test.Rows).Select(row => (int)test.Labels.Byte(row)),
            ],
            Classes = [.. Enumerable.Range(0, classes).Select(NumberText.Of)],
            HeldOut = [.. Enumerable.Range(0, count).Select(row => row >= train.Rows)],
        };
    }

    /// <summary>Features and labels of the rows that train, or of those that test.</summary>
    sealed record Half(IdxArray Features, IdxArray Labels, int Rows, byte[][] Contents)
    {
        public static Half Read(
            string folder, string role, string pattern, string[] files, string[] prefixes, int? limit, string option)
        {
            string[] own = [.. files.Where(file => prefixes.Any(
                prefix => Path.GetFileName(file).StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))];
            var read = own.Select(file => (File: file, Content: DataFile.Read(file, "an IDX file")))
                .Select(pair => (Array: IdxArray.Read(pair.File, pair.Content), pair.Content)).ToArray();
            var labels = read.Where(pair => pair.Array.Dimensions.Count == 1).ToArray();
            var features = read.Where(pair => pair.Array.Dimensions.Count > 1).ToArray();
            if (labels.Length != 1 || features.Length != 1)
            {
                string came = own.Length == 0 ? "there is none" : "there is " + string.Join(", ", own.Select(Path.GetFileName));
                throw new SimulationException(
                    $"The {role} rows in '{folder}' are two IDX files named {pattern}, labels with one dimension and features with more, " +
                    $"but {came}.");
            }
            if (!labels[0].Array.IsBytes)
                throw new SimulationException($"The labels in '{labels[0].Array.File}' must be unsigned bytes, but they are floats.");
            int rows = features[0].Array.Count;
            if (rows != labels[0].Array.Count)
            {
                throw new SimulationException(
                    $"'{features[0].Array.File}' has {rows} rows, but '{labels[0].Array.File}' has {labels[0].Array.Count} labels.");
            }
            if (limit > rows)
                throw new SimulationException($"{option}={limit} asks for more than the {rows} {role} rows in '{folder}'.");
            return new Half(features[0].Array, labels[0].Array, limit ?? rows, [features[0].Content, labels[0].Content]);
        }

        /// <summary>Over all rows, also those beyond a limit: the classes do not depend on it.</summary>
        public int LargestLabel() => Enumerable.Range(0, Labels.Count).Max(row => Labels.Byte(row));
    }
}
