using System.Reflection;

namespace FedValue.Federation.Simulation;

/// <summary>Data sets by name: two bundled ones, any CSV table, and folders of well-known files.</summary>
public static class DatasetLoader
{
    const string Kinds =
        "csv:FILE[,label=COL][,participant=COL][,group=COL][,drop=COL+COL][,holdout=ID+ID][,header=yes|no], " +
        "idx:FOLDER[,train=N][,test=N], uci-har:FOLDER or uci-heart:FOLDER";

    /// <summary>The bundled data sets: name, file, and how the table is to be read.</summary>
    static readonly (string Name, string File, CsvColumns Columns)[] Bundled =
    [
        ("digits", "digits.csv.gz", new CsvColumns(Header: false)),
        ("breast-cancer", "breast-cancer.csv.gz", new CsvColumns(Header: false, SkipLines: 1, ClassNames: ["malignant", "benign"])),
    ];

    /// <summary>Loads <c>digits</c>, <c>breast-cancer</c>, or what is named by its kind and path.</summary>
    /// <exception cref="SimulationException">There is no such data set, or its files are unreadable or malformed.</exception>
    public static Dataset Load(string spec)
    {
        foreach ((string name, string file, CsvColumns columns) in Bundled)
        {
            if (name == spec)
                return CsvTable.Read(name, name, Resource(file), columns);
        }
        return spec.Split(':', 2) switch
        {
            ["csv", var rest] => LoadCsv(rest),
            ["idx", var rest] => IdxFolder.Load(IdxSource.Parse(rest)),
            ["uci-har", var folder] => HumanActivity.Load(folder),
            ["uci-heart", var folder] => HeartDisease.Load(folder),
            _ => throw new SimulationException(
                $"There is no data set '{spec}'{Meant(spec)}; use {string.Join(", ", Bundled.Select(b => b.Name))}, {Kinds}."),
        };
    }

    static string Meant(string spec)
    {
        if (Bundled.FirstOrDefault(b => b.Name.Equals(spec, StringComparison.OrdinalIgnoreCase)).Name is { } known)
            return $" (did you mean {known}?)";
        bool isTable = !spec.Contains(':') && (spec.Contains(".csv", StringComparison.OrdinalIgnoreCase) || File.Exists(spec.Split(',')[0]));
        return isTable ? $" (did you mean csv:{spec}?)" : "";
    }

    /// <summary>A specification without its path: what may stand on a ledger.</summary>
    public static string WithoutPath(string spec) => spec.Split(':', 2) switch
    {
        ["csv", var rest] => "csv" + (rest.IndexOf(',', StringComparison.Ordinal) is >= 0 and var comma ? rest[comma..] : ""),
        ["idx", var rest] => "idx" + IdxSource.Parse(rest).Limits,
        [var kind, _] => kind,
        _ => spec,
    };

    static Dataset LoadCsv(string spec)
    {
        (string file, CsvColumns columns) = ParseCsv(spec);
        return CsvTable.Read("csv", file, DataFile.Read(file, "a CSV file"), columns);
    }

    /// <summary>The file and the columns that <c>FILE[,label=COL]...</c> names.</summary>
    internal static (string File, CsvColumns Columns) ParseCsv(string spec)
    {
        string[] parts = spec.Split(',');
        var columns = new CsvColumns(Header: null, IsSpec: true);
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            columns = (pair[0], pair.Length) switch
            {
                ("label", 2) when columns.Label is null => columns with { Label = pair[1] },
                ("participant", 2) when columns.Participant is null => columns with { Participant = pair[1] },
                ("group", 2) when columns.Group is null => columns with { Group = pair[1] },
                ("drop", 2) when columns.Drop is null => columns with { Drop = pair[1].Split('+') },
                ("holdout", 2) when columns.HoldOut is null => columns with { HoldOut = pair[1].Split('+') },
                ("header", 2) when columns.Header is null && pair[1] is "yes" or "no" => columns with { Header = pair[1] == "yes" },
                _ => throw new SimulationException(
                    "After the file, a csv data set takes label=COL, participant=COL, group=COL, drop=COL+COL, holdout=ID+ID and " +
                    $"header=yes or header=no, each once, but '{part}' came."),
            };
        }
        if (parts[0] == "")
            throw new SimulationException("A csv data set is written csv:FILE, but no file was named.");
        if (columns is { Group: not null, HoldOut: not null })
        {
            throw new SimulationException(
                "Either whole groups validate and test (group=COL) or the participants named by holdout=ID+ID, but both came.");
        }
        return (parts[0], columns);
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
