using System.Globalization;
using FedValue.Federation.Learning;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>The rows of one participant of a real federation: it need not hold every class, and the federation says which there are.</summary>
public static class ParticipantTable
{
    const int ShownMax = 20;

    /// <summary>Reads <c>csv:FILE[,label=COL][,drop=COL+COL]</c>, plain or gzipped.</summary>
    /// <param name="spec">Where the rows are.</param>
    /// <param name="features">How many features the federation's model takes.</param>
    /// <param name="classes">How many classes it tells apart.</param>
    /// <param name="names">The classes' names in their order; null: labels are the numbers 0, 1, ..., classes - 1.</param>
    /// <param name="standardize">Whether features get mean 0 and deviation 1 over these rows; otherwise they stay as they are, as fp32.</param>
    /// <exception cref="SimulationException">The table is malformed, or not for this model; the message is one sentence.</exception>
    public static LabelledRows Read(string spec, int features, int classes, IReadOnlyList<string>? names = null, bool standardize = false)
    {
        if (spec.Split(':', 2) is not ["csv", var rest])
            throw new SimulationException($"A participant's rows are written csv:FILE[,label=COL][,drop=COL+COL], but '{spec}' came.");
        if (names is not null && (names.Count != classes || names.Distinct().Count() != classes))
        {
            throw new SimulationException(
                $"The federation's model tells {classes} classes apart, so --classes takes as many different names, but these came: "
                + $"{string.Join(", ", names.Take(ShownMax))}.");
        }
        (string file, CsvColumns columns) = DatasetLoader.ParseCsv(rest);
        if (columns is not { Participant: null, Group: null, HoldOut: null })
        {
            throw new SimulationException(
                "All rows of the file are the participant's, so only label=COL, drop=COL+COL and header=yes|no may follow it.");
        }
        Dataset table = CsvTable.Read("csv", file, DataFile.Read(file, "a CSV file"), columns with { AnyClasses = true });
        if (table.Width != features)
        {
            throw new SimulationException(
                $"The federation's model takes {features} features, but '{file}' has {table.Width} beside its label; name others in drop=COL.");
        }
        int[] places = [.. table.Classes.Select(label => PlaceOf(file, label, classes, names))];
        int[] rows = [.. Enumerable.Range(0, table.Count)];
        float[] values = standardize
            ? Standardization.Learn(table, rows).Apply(table, rows).Features
            : Array.ConvertAll(table.Features, Single);
        return new LabelledRows(table.Width, values, Array.ConvertAll(table.Labels, label => places[label]));

        float Single(double value) => (float)value is var single && float.IsFinite(single) ? single
            : throw new SimulationException($"A feature in '{file}' is too large for fp32; scale it, or use --standardize.");
    }

    static int PlaceOf(string file, string label, int classes, IReadOnlyList<string>? names)
    {
        if (names is not null)
        {
            int place = names.ToList().IndexOf(label);
            return place >= 0 ? place : throw new SimulationException(
                $"The label column of '{file}' has '{label}', but the classes are {string.Join(", ", names.Take(ShownMax))}.");
        }
        return TypedNumber.TryParse(label, NumberStyles.None, out int number) && number < classes ? number
            : throw new SimulationException(
                $"The label column of '{file}' must hold the numbers 0 to {classes - 1}, but '{label}' came; name the column with label=COL, or "
                + "the classes in their order with --classes.");
    }
}
