using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FedValue.Cli.Commands;
using FedValue.Federation.Rounds;

namespace FedValue.Cli.Experiments;

/// <summary>
/// cells.jsonl: a first line that says of which experiment, then a line per finished simulation, forced to the disk one by one. A file cut
/// anywhere is a shorter file: what follows the last whole line is dropped, and the simulations missing are run.
/// </summary>
sealed class ResultsFile : IDisposable
{
    readonly FileStream _file;
    readonly Experiment _experiment;
    readonly Dictionary<Cell, CellResult> _results;
    long _whole;

    ResultsFile(FileStream file, Experiment experiment, Dictionary<Cell, CellResult> results) =>
        (_file, _experiment, _results, _whole) = (file, experiment, results, file.Position);

    /// <summary>What is there, by its cell.</summary>
    public IReadOnlyDictionary<Cell, CellResult> Results => _results;

    /// <summary>Opens the file for this process alone and reads what is there; makes it where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="experiment">What it must be of.</param>
    /// <param name="data">The digests of the data sets, in hex.</param>
    /// <param name="force">Whether to forget what is there.</param>
    /// <exception cref="UsageException">It is of something else, damaged, or in use.</exception>
    public static ResultsFile Open(string path, Experiment experiment, IReadOnlyList<string> data, bool force)
    {
        FileStream file;
        try
        {
            // Without a buffer, which would be written again when the file is closed after a failure.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The results '{path}' cannot be written, perhaps because another process does: {failure.Message}");
        }
        try
        {
            if (force)
                file.SetLength(0);
            return new ResultsFile(file, experiment, ReadAll(file, path, experiment, data));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds a finished simulation and returns when it is on the disk; from any thread.</summary>
    public void Append(CellResult result)
    {
        lock (_results)
        {
            _file.SetLength(_whole); // a line that failed half-way must not stay before this one
            _file.Position = _whole;
            Write(_file, result.ToLine(_experiment));
            _whole = _file.Position;
            _results.Add(result.Cell, result);
        }
    }

    public void Dispose() => _file.Dispose();

    static Dictionary<Cell, CellResult> ReadAll(FileStream file, string path, Experiment experiment, IReadOnlyList<string> data)
    {
        var content = new byte[file.Length];
        file.ReadExactly(content);
        int whole = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(whole);
        file.Position = whole;
        string header = Header(experiment, data);
        if (whole == 0)
        {
            Write(file, header);
            return [];
        }
        string[] lines = Encoding.UTF8.GetString(content, 0, whole - 1).Split('\n');
        if (lines[0] != header)
        {
            throw new UsageException($"'{path}' holds results of another experiment file, other data or other numerics: use another --out, "
                + "or --force to start again.");
        }
        var results = new Dictionary<Cell, CellResult>();
        for (int i = 1; i < lines.Length; i++)
        {
            if (CellResult.FromLine(lines[i], experiment) is not { } result || !results.TryAdd(result.Cell, result))
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture,
                    $"Line {i + 1} of '{path}' is damaged or there twice: delete that line to run its simulation again, or use --force."));
            }
        }
        return results;
    }

    static string Header(Experiment experiment, IReadOnlyList<string> data) => new JsonObject
    {
        ["experiment"] = experiment.Name,
        ["sha256"] = experiment.Digest,
        ["numerics"] = Numerics.Version,
        ["data"] = new JsonArray([.. data.Select(digest => JsonValue.Create(digest))]),
    }.ToJsonString();

    static void Write(FileStream file, string line)
    {
        file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        file.Flush(flushToDisk: true);
    }
}
