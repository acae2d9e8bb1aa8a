using System.Globalization;
using FedValue.Federation.Learning;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>Validation rows that an operator hands over as a table: the features as the model takes them, nothing is standardized here.</summary>
public static class ValidationTable
{
    const string Name = "validation";

    /// <summary>Reads a CSV table, plain or gzipped, with the same rules as a data set of a simulation.</summary>
    /// <param name="content">The file.</param>
    /// <param name="label">The class column, by name or counted from 1; null: the last one.</param>
    /// <param name="classes">The classes' names in their order; null: labels are the numbers 0, 1, 2, ...</param>
    /// <exception cref="SimulationException">The table is malformed, or a label is no class.</exception>
    public static LabelledRows Read(byte[] content, string? label, IReadOnlyList<string>? classes)
    {
        Dataset table = CsvTable.Read(Name, Name, content, new CsvColumns(Header: null, Label: label));
        int[] places = [.. table.Classes.Select(name => PlaceOf(name, classes))];
        return new LabelledRows(
            table.Width, Array.ConvertAll(table.Features, value => (float)value), Array.ConvertAll(table.Labels, place => places[place]));
    }

    /// <summary>
    /// Reads a pair of IDX files, plain or gzipped: unsigned bytes are divided by 255, as trainers that read images do; floats stay as they are.
    /// </summary>
    /// <param name="features">Rows of values.</param>
    /// <param name="labels">One unsigned byte per row: its class.</param>
    /// <exception cref="SimulationException">One is no IDX file, or they do not belong together.</exception>
    public static LabelledRows ReadIdx(byte[] features, byte[] labels)
    {
        IdxArray rows = IdxArray.Read(Name, features), classes = IdxArray.Read(Name + "-labels", labels);
        if (rows.Dimensions.Count < 2 || classes.Dimensions.Count != 1 || !classes.IsBytes || classes.Count != rows.Count)
        {
            throw new SimulationException(
                "Validation rows in IDX are rows of values and as many unsigned bytes as labels, but "
                + $"{string.Join(" x ", rows.Dimensions)} values and "
                + $"{string.Join(" x ", classes.Dimensions)} labels{(classes.IsBytes ? "" : " of another type")} came.");
        }
        var values = new double[rows.Count * rows.Width];
        rows.CopyTo(values, 0, rows.Count);
        double scale = rows.IsBytes ? 255 : 1;
        return new LabelledRows(
            rows.Width, Array.ConvertAll(values, value => (float)(value / scale)),
            [.. Enumerable.Range(0, rows.Count).Select(row => (int)classes.Byte(row))]);
    }

    static int PlaceOf(string name, IReadOnlyList<string>? classes)
    {
        if (classes is not null)
        {
            int place = classes.ToList().IndexOf(name);
            return place >= 0 ? place : throw new SimulationException(
                $"The labels of the validation rows are {string.Join(", ", classes.Take(20))}, but '{name}' came; name every class in classes.");
        }
        return TypedNumber.TryParse(name, NumberStyles.None, out int number) ? number : throw new SimulationException(
            $"The labels of the validation rows are the numbers 0, 1, 2, ... unless classes names them, but '{name}' came.");
    }
}
