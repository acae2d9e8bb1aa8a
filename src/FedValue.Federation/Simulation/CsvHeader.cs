using System.Globalization;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>Whether the first line of a table names its columns. What nothing tells is refused, never guessed.</summary>
static class CsvHeader
{
    /// <summary>A row that happens to count its columns is shorter than this; from here on a data frame wrote the numbers of its columns.</summary>
    const int FieldsThatCount = 4;

    /// <summary>In a table this long, a class that only the first row has is rather the name of a column.</summary>
    const int RowsThatTell = 20;
    const int ShownMax = 6;

    /// <summary>Judges the first line by the names that were asked for, by the second line, and by the classes of all others.</summary>
    /// <exception cref="SimulationException">It may be either.</exception>
    public static bool IsThere(string file, CsvRecord[] lines, CsvColumns columns)
    {
        string[] first = lines[0].Fields;
        string[] asked = [.. ((string?[])[columns.Label, columns.Participant, columns.Group, .. columns.Drop ?? []]).OfType<string>()];
        if (asked.Any(IsName))
            return true;
        if (lines.Length == 1)
            return first.Any(IsName);
        if (first.Zip(lines[1].Fields).Any(pair => IsName(pair.First) && CsvTable.IsNumber(pair.Second)))
            return true;
        bool counts = first.Length > 1 && (CountsFrom(0, first) || CountsFrom(1, first));
        if (counts && first.Length >= FieldsThatCount)
            return true;
        bool isAskedFor = asked.Any(column => PlaceOf(column, first.Length) < 0 && first.Contains(column));
        if (counts || isAskedFor || MayNumberItsColumns(lines, columns))
        {
            string line = string.Join(", ", first.Take(ShownMax).Select(CsvTable.Shown)) + (first.Length > ShownMax ? ", ..." : "");
            throw new SimulationException(
                $"The first line of '{file}' ({line}) may be a row or the names of the columns; "
                + (columns.IsSpec ? "say which with header=yes or header=no after the file." : "name the columns there, not with numbers only."));
        }
        return false;
    }

    /// <summary>The place of a column that is counted from 1, from 0; negative: it is no such number.</summary>
    public static int PlaceOf(string column, int fields) =>
        TypedNumber.TryParse(column, NumberStyles.None, out int number) && number >= 1 && number <= fields ? number - 1 : -1;

    static bool CountsFrom(int start, string[] fields) =>
        fields.Select((field, c) => field == (start + c).ToString(CultureInfo.InvariantCulture)).All(same => same);

    /// <summary>Whether the features of the first line are different whole numbers and its class is nobody else's.</summary>
    static bool MayNumberItsColumns(CsvRecord[] lines, CsvColumns columns)
    {
        string[] first = lines[0].Fields;
        int Place(string? column) => column is null ? -1 : PlaceOf(column, first.Length);
        int label = columns.Label is null ? first.Length - 1 : Place(columns.Label);
        if (label < 0 || CsvTable.IsMissing(first[label]) || (CsvTable.IsNumber(first[label]) && lines.Length < RowsThatTell))
            return false;
        HashSet<int> others = [label, Place(columns.Participant), Place(columns.Group), .. (columns.Drop ?? []).Select(Place)];
        string[] features = [.. first.Where((_, c) => !others.Contains(c))];
        return features.Distinct().Count() == features.Length
            && features.All(field => TypedNumber.TryParse(field, NumberStyles.None, out long _))
            && !lines.Skip(1).Any(row => row.Fields.Length > label && row.Fields[label] == first[label]);
    }

    static bool IsName(string field) => !CsvTable.IsNumber(field) && !CsvTable.IsMissing(field);
}
