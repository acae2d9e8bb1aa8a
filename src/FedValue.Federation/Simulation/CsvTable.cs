using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using FedValue.Ledger;

namespace FedValue.Federation.Simulation;

/// <summary>How a table is to be read. A column is named by its header, or counted from 1 where there is none.</summary>
/// <param name="Header">Whether the first line names the columns; null: it does when one of its fields is not a number.</param>
/// <param name="Label">The class column; null: the last one.</param>
/// <param name="Participant">The column that says who holds a row; null: none.</param>
/// <param name="Group">The column that says what must stay together; null: none. Neither of the two is a feature.</param>
/// <param name="SkipLines">Lines before the table.</param>
/// <param name="ClassNames">Names of the classes 0, 1, ... where the file does not have them.</param>
sealed record CsvColumns(
    bool? Header, string? Label = null, string? Participant = null, string? Group = null, int SkipLines = 0,
    IReadOnlyList<string>? ClassNames = null);

/// <summary>Reads a CSV table, plain or gzipped: features are finite numbers, the label may be any text.</summary>
static class CsvTable
{
    public static Dataset Read(string name, string file, byte[] content, CsvColumns columns)
    {
        (int Line, string[] Fields)[] lines = [.. Records(file, content).Skip(columns.SkipLines)];
        if (lines.Length == 0)
            throw new SimulationException($"The file '{file}' has no rows.");

        bool header = columns.Header ?? lines[0].Fields.Any(field => !IsNumber(field));
        string[]? names = header ? lines[0].Fields : null;
        (int Line, string[] Fields)[] rows = lines[(header ? 1 : 0)..];
        int fields = lines[0].Fields.Length;
        if (rows.Length == 0)
            throw new SimulationException($"The file '{file}' has a header but no rows.");
        foreach ((int line, string[] row) in rows)
        {
            if (row.Length != fields)
                throw new SimulationException($"Line {line} of '{file}' has {row.Length} fields, but the first line has {fields}.");
        }

        int Column(string role, string column) => Find(file, names, fields, role, column);
        int label = columns.Label is { } l ? Column("label", l) : fields - 1;
        int? participant = columns.Participant is { } p ? Column("participant", p) : null;
        int? group = columns.Group is { } g ? Column("group", g) : null;
        int[] features = [.. Enumerable.Range(0, fields).Where(c => c != label && c != participant && c != group)];
        if (label == participant || label == group)
            throw new SimulationException($"The label column of '{file}' cannot also be its participant or group column.");
        if (features.Length == 0)
            throw new SimulationException($"The file '{file}' has no feature column beside its label.");

        string[] classes = Classes([.. rows.Select(row => row.Fields[label])]);
        if (classes.Length < 2)
            throw new SimulationException($"The label column of '{file}' has one class only ('{classes[0]}'); at least two are needed.");
        var index = classes.Select((c, i) => (c, i)).ToDictionary(pair => pair.c, pair => pair.i);
        return new Dataset
        {
            Name = name,
            Digest = FedValue.Ledger.Digest.Of(content).ToString(),
            Width = features.Length,
            Features = [.. rows.SelectMany(row => features.Select(c => Number(file, row, c, names)))],
            Labels = [.. rows.Select(row => index[row.Fields[label]])],
            Classes = columns.ClassNames ?? classes,
            Participants = participant is { } pc ? [.. rows.Select(row => ParticipantOf(file, row, pc))] : null,
            Groups = group is { } gc ? [.. rows.Select(row => row.Fields[gc])] : null,
        };
    }

    static List<(int Line, string[] Fields)> Records(string file, byte[] content)
    {
        var records = new List<(int, string[])>();
        try
        {
            Stream stream = new MemoryStream(content, writable: false);
            if (content is [0x1f, 0x8b, ..])
                stream = new GZipStream(stream, CompressionMode.Decompress);
            var settings = new CsvConfiguration(CultureInfo.InvariantCulture) { HasHeaderRecord = false, TrimOptions = TrimOptions.Trim };
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            using var parser = new CsvParser(reader, settings);
            while (parser.Read())
                records.Add((parser.Row, parser.Record!));
            return records;
        }
        catch (Exception failure) when (failure is InvalidDataException or DecoderFallbackException or CsvHelperException or IOException)
        {
            throw new SimulationException($"The file '{file}' is not a CSV table in UTF-8, plain or gzipped: {failure.Message.Split('\n')[0].Trim()}");
        }
    }

    static int Find(string file, string[]? names, int fields, string role, string column)
    {
        int found = names is null ? -1 : Array.IndexOf(names, column);
        if (found >= 0)
            return found;
        if (names is null && int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= fields)
            return number - 1;
        throw new SimulationException(names is null
            ? $"The file '{file}' has no header, so {role}=COL takes a column number from 1 to {fields}, but '{column}' came."
            : $"The file '{file}' has no column '{column}' for {role}; it has {string.Join(", ", names)}.");
    }

    static double Number(string file, (int Line, string[] Fields) row, int column, string[]? names)
    {
        if (double.TryParse(row.Fields[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            return number;
        string where = names is null ? $"column {column + 1}" : $"column '{names[column]}'";
        throw new SimulationException($"Line {row.Line} of '{file}' has '{row.Fields[column]}' in {where}; a feature must be a finite number.");
    }

    static bool IsNumber(string field) => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    static string ParticipantOf(string file, (int Line, string[] Fields) row, int column) =>
        ParticipantId.Problem(row.Fields[column]) is { } problem
            ? throw new SimulationException($"Line {row.Line} of '{file}': {problem}")
            : row.Fields[column];

    /// <summary>Numbers in numeric order, anything else in ordinal order.</summary>
    static string[] Classes(string[] labels)
    {
        string[] classes = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        return classes.All(IsNumber)
            ? [.. classes.OrderBy(c => double.Parse(c, NumberStyles.Float, CultureInfo.InvariantCulture))]
            : classes;
    }
}
