using System.Globalization;
using FedValue.Ledger;
using FedValue.Valuation.Specs;

namespace FedValue.Federation.Simulation;

/// <summary>How a table is to be read. A column is named by its header, or counted from 1 where there is none.</summary>
/// <param name="Header">
/// Whether the first line names the columns; null: <see cref="CsvHeader"/> finds out.
/// </param>
/// <param name="Label">The class column; null: the last one.</param>
/// <param name="Participant">The column that says who holds a row; null: none.</param>
/// <param name="Group">The column that says what must stay together; null: none. Neither of the two is a feature.</param>
/// <param name="SkipLines">Lines before the table.</param>
/// <param name="ClassNames">Names of the classes 0, 1, ... where the file does not have them.</param>
/// <param name="Drop">Columns that are no features; null: none.</param>
/// <param name="HoldOut">Participants whose rows validate and test; null: none.</param>
/// <param name="AnyClasses">Whether one class is enough and many are not too many, because the reader knows the classes.</param>
/// <param name="IsSpec">Whether somebody wrote <c>csv:FILE</c>, so that a sentence may name what can stand behind it.</param>
sealed record CsvColumns(
    bool? Header, string? Label = null, string? Participant = null, string? Group = null, int SkipLines = 0,
    IReadOnlyList<string>? ClassNames = null, IReadOnlyList<string>? Drop = null, IReadOnlyList<string>? HoldOut = null,
    bool AnyClasses = false, bool IsSpec = false);

/// <summary>Reads a CSV table, plain or gzipped: features are finite numbers, the label may be any text.</summary>
static class CsvTable
{
    const double FeatureMax = 1e150; // its square is finite, and so is a sum of squares
    const int ShownMax = 40;
    const int ShownNames = 6;

    /// <summary>In a table this long, a column of mostly different values is a measurement, not a class.</summary>
    const int RowsThatTell = 20;

    public static Dataset Read(string name, string file, byte[] content, CsvColumns columns)
    {
        CsvRecord[] lines = [.. CsvRecords.Read(file, content).Skip(columns.SkipLines)];
        if (lines.Length == 0)
            throw new SimulationException($"The file '{file}' has no rows.");
        if (Several(lines[0].Fields) is { } several)
        {
            throw new SimulationException(
                $"Line {lines[0].Line} of '{file}' has '{Shown(several)}' between two commas; save the table with commas between fields and points "
                + "in numbers.");
        }

        bool header = columns.Header ?? CsvHeader.IsThere(file, lines, columns);
        string[]? names = header ? lines[0].Fields : null;
        CsvRecord[] rows = lines[(header ? 1 : 0)..];
        int fields = lines[0].Fields.Length;
        if (rows.Length == 0)
            throw new SimulationException($"The file '{file}' has a header but no rows.");
        foreach (CsvRecord row in rows)
        {
            int came = row.Fields.Length;
            if (came != fields)
            {
                throw new SimulationException($"Line {row.Line} of '{file}' has {came} fields, but the first line has {fields}"
                    + (came > fields ? "; numbers are written with points, and a text with a comma in it has quotation marks around it." : "."));
            }
        }

        if (names?.GroupBy(name => name).FirstOrDefault(same => same.Key != "" && same.Count() > 1) is { } twice)
            throw new SimulationException($"The file '{file}' has two columns '{Shown(twice.Key)}'; give every column a name of its own.");

        int Column(string role, string column) => Find(file, names, fields, role, column);
        int label = columns.Label is { } l ? Column("label", l) : fields - 1;
        int? participant = columns.Participant is { } p ? Column("participant", p) : null;
        int? group = columns.Group is { } g ? Column("group", g) : null;
        int[] dropped = [.. (columns.Drop ?? []).Select(column => Column("drop", column))];
        int[] features = [.. Enumerable.Range(0, fields).Where(c => c != label && c != participant && c != group && !dropped.Contains(c))];
        if (label == participant || label == group)
            throw new SimulationException($"The label column of '{file}' cannot also be its participant or group column.");
        if (dropped.FirstOrDefault(c => c == label || c == participant || c == group, -1) is >= 0 and var needed)
        {
            throw new SimulationException(
                $"The file '{file}' needs column {names?[needed] ?? (needed + 1).ToString(CultureInfo.InvariantCulture)} " +
                "as label, participant or group, so it cannot be dropped.");
        }
        if (features.Length == 0)
            throw new SimulationException($"The file '{file}' has no feature column beside its label.");

        string[] labels = [.. rows.Select(row => Label(file, row, label, names))];
        string[] classes = Classes(labels);
        if (classes.Length < 2 && !columns.AnyClasses)
        {
            throw new SimulationException(
                $"The label column of '{file}' has one class only ('{Shown(classes[0])}'); at least two are needed.");
        }
        if (!columns.AnyClasses && labels.Length >= RowsThatTell && classes.Length > labels.Length / 2)
        {
            throw new SimulationException(
                $"The label column of '{file}' has {classes.Length} different values in {labels.Length} rows, so it holds no classes; " +
                "name the one that does with label=COL.");
        }
        if (columns.ClassNames is { } known && known.Count != classes.Length)
            throw new SimulationException($"The file '{file}' must have {known.Count} classes, but {classes.Length} came.");
        string[]? owners = participant is { } pc ? [.. rows.Select(row => ParticipantOf(file, row, pc))] : null;
        var index = classes.Select((c, i) => (c, i)).ToDictionary(pair => pair.c, pair => pair.i);
        return new Dataset
        {
            Name = name,
            Digest = Digest.Of(content).ToString(),
            Width = features.Length,
            Features = [.. rows.SelectMany(row => features.Select(c => Feature(file, row, c, names, columns.IsSpec)))],
            Labels = [.. labels.Select(text => index[text])],
            Classes = columns.ClassNames ?? classes,
            Participants = owners,
            Groups = group is { } gc ? [.. rows.Select(row => row.Fields[gc])] : null,
            HeldOut = columns.HoldOut is { } holdOut ? HeldOut(file, owners, holdOut) : null,
        };
    }

    static int Find(string file, string[]? names, int fields, string role, string column)
    {
        if (names is null)
        {
            return CsvHeader.PlaceOf(column, fields) is >= 0 and var place
                ? place
                : throw new SimulationException(
                    $"The file '{file}' has no header, so {role}=COL takes a column number from 1 to {fields}, but '{column}' came.");
        }
        int found = Array.IndexOf(names, column);
        if (found < 0)
        {
            if (names.All(name => IsNumber(name) || IsMissing(name)))
            {
                throw new SimulationException(
                    $"The file '{file}' has no column '{Shown(column)}' for {role} in its first line ({string.Join(", ", names.Take(ShownNames))}"
                    + $"{(names.Length > ShownNames ? ", ..." : "")}); if that is a row, columns are counted from 1 to {fields} (header=no "
                    + "says so).");
            }
            throw new SimulationException(
                $"The file '{file}' has no column '{column}' for {role}; it has {string.Join(", ", names.Select(Shown))}.");
        }
        return found;
    }

    static bool[] HeldOut(string file, string[]? owners, IReadOnlyList<string> holdOut)
    {
        if (owners is null)
            throw new SimulationException("holdout=ID names participants, so it needs participant=COL.");
        if (holdOut.FirstOrDefault(id => !owners.Contains(id)) is { } unknown)
            throw new SimulationException($"The file '{file}' has no participant '{Shown(unknown)}' to hold out.");
        bool[] heldOut = Array.ConvertAll(owners, holdOut.Contains);
        return heldOut.Contains(false)
            ? heldOut
            : throw new SimulationException($"All participants of '{file}' are held out, so nobody trains; name fewer in holdout=ID.");
    }

    internal static double Feature(string file, CsvRecord row, int column, string[]? names, bool canDrop = false)
    {
        string field = row.Fields[column];
        return TypedNumber.TryParse(field, NumberStyles.Float, out double number) && Math.Abs(number) <= FeatureMax ? number
            : throw Wrong(file, row, column, names, $"a feature must be a finite number, at most {FeatureMax} in size"
                + (IsNumber(field) || IsMissing(field) ? ""
                    : IsNumber(field.Replace(',', '.')) ? ", and is written with a point"
                    : canDrop ? "; a column that is none is named in label=COL, participant=COL, group=COL or drop=COL" : ""));
    }

    /// <summary>A field of a first line that holds several, separated by something else than a comma; null: there is none.</summary>
    static string? Several(string[] fields)
    {
        string[] several = [.. fields.Where(field => field.AsSpan().ContainsAny(';', '\t')
            && (fields.Length == 1 || field.Split(';', '\t').All(part => part == "" || IsNumber(part))))];
        return several.Length > (fields.Length == 1 ? 0 : 1) ? several[0] : null;
    }

    static string Label(string file, CsvRecord row, int column, string[]? names) =>
        IsMissing(row.Fields[column]) ? throw Wrong(file, row, column, names, "a label must not be missing") : row.Fields[column];

    static SimulationException Wrong(string file, CsvRecord row, int column, string[]? names, string rule)
    {
        string where = names is null ? $"column {column + 1}" : $"column '{Shown(names[column])}'";
        return new SimulationException($"Line {row.Line} of '{file}' has '{Shown(row.Fields[column])}' in {where}; {rule}.");
    }

    internal static bool IsNumber(string field) => TypedNumber.TryParse(field, NumberStyles.Float, out double _);

    internal static bool IsMissing(string field) => field is "" or "?" || (IsNumber(field) && double.IsNaN(Parse(field)));

    static double Parse(string field) => double.Parse(field, NumberStyles.Float, CultureInfo.InvariantCulture);

    static string ParticipantOf(string file, CsvRecord row, int column) =>
        ParticipantId.Problem(row.Fields[column]) is { } problem
            ? throw new SimulationException($"Line {row.Line} of '{file}': {problem} Write another id into that column.")
            : row.Fields[column];

    /// <summary>Numbers in numeric order, anything else in ordinal order.</summary>
    static string[] Classes(string[] labels)
    {
        string[] classes = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        return classes.All(IsNumber) ? [.. classes.OrderBy(Parse)] : classes;
    }

    /// <summary>A field fit for an error message: its beginning, on one line.</summary>
    internal static string Shown(string field) => new([.. field.Take(ShownMax).Select(c => char.IsControl(c) ? ' ' : c)]);
}
