using System.Reflection;

namespace FedValue.Federation.Simulation;

/// <summary>Data sets by name: two bundled ones, and any CSV table.</summary>
public static class DatasetLoader
{
    const string Csv = "csv:";

    /// <summary>The bundled data sets: name, file, and how the table is to be read.</summary>
    static readonly (string Name, string File, CsvColumns Columns)[] Bundled =
    [
        ("digits", "digits.csv.gz", new CsvColumns(Header: false)),
        ("breast-cancer", "breast-cancer.csv.gz", new CsvColumns(Header: false, SkipLines: 1, ClassNames: ["malignant", "benign"])),
    ];

    /// <summary>Loads <c>digits</c>, <c>breast-cancer</c> or <c>csv:FILE[,label=COL][,participant=COL][,group=COL]</c>.</summary>
    /// <exception cref="SimulationException">There is no such data set, or its file is unreadable or malformed.</exception>
    public static Dataset Load(string spec)
    {
        if (spec.StartsWith(Csv, StringComparison.Ordinal))
            return LoadCsv(spec[Csv.Length..]);
        foreach ((string name, string file, CsvColumns columns) in Bundled)
        {
            if (name == spec)
                return CsvTable.Read(name, name, Resource(file), columns);
        }
        string names = string.Join(", ", Bundled.Select(b => b.Name));
        throw new SimulationException(
            $"There is no data set '{spec}'; use {names} or csv:FILE[,label=COL][,participant=COL][,group=COL].");
    }

    /// <summary>The columns named in a <c>csv:</c> specification, without its path: what may stand on a ledger.</summary>
    public static string WithoutPath(string spec)
    {
        if (!spec.StartsWith(Csv, StringComparison.Ordinal))
            return spec;
        int comma = spec.IndexOf(',', StringComparison.Ordinal);
        return "csv" + (comma < 0 ? "" : spec[comma..]);
    }

    static Dataset LoadCsv(string spec)
    {
        string[] parts = spec.Split(',');
        var columns = new CsvColumns(Header: null);
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            columns = (pair[0], pair.Length) switch
            {
                ("label", 2) when columns.Label is null => columns with { Label = pair[1] },
                ("participant", 2) when columns.Participant is null => columns with { Participant = pair[1] },
                ("group", 2) when columns.Group is null => columns with { Group = pair[1] },
                _ => throw new SimulationException(
                    $"After the file, a csv data set takes label=COL, participant=COL and group=COL, each once, but '{part}' came."),
            };
        }
        return CsvTable.Read("csv", parts[0], ReadFile(parts[0]), columns);
    }

    static byte[] ReadFile(string file)
    {
        if (file == "")
            throw new SimulationException("A csv data set is written csv:FILE, but no file was named.");
        if (Directory.Exists(file))
            throw new SimulationException($"'{file}' is a folder, not a CSV file.");
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SimulationException($"The file '{file}' could not be read: {failure.Message}");
        }
    }

    static byte[] Resource(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"FedValue.Federation.Data.{file}")
            ?? throw new InvalidOperationException($"The bundled data set {file} is not in this build.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
