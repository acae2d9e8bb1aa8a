using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace FedValue.Federation.Simulation;

/// <summary>One record of a CSV file.</summary>
/// <param name="Line">The line of the file it ends on, counted from 1.</param>
/// <param name="Fields">Its fields without quotation marks and surrounding blanks.</param>
readonly record struct CsvRecord(int Line, string[] Fields);

/// <summary>The records of a CSV file in UTF-8, plain or gzipped; empty lines are none.</summary>
static class CsvRecords
{
    public static List<CsvRecord> Read(string file, byte[] content)
    {
        byte[] text = DataFile.Unzip(file, content);
        var records = new List<CsvRecord>();
        var settings = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            HasHeaderRecord = false,
            TrimOptions = TrimOptions.Trim,
            BadDataFound = _ => throw new SimulationException(
                $"{(records.Count == 0 ? "The first record" : $"The record after line {records[^1].Line}")} of '{file}' has a " +
                "quotation mark inside a field or without its pair; quote the whole field and double the marks inside it."),
        };
        var withOrWithoutMark = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);
        using var reader = new StreamReader(new MemoryStream(text), withOrWithoutMark, detectEncodingFromByteOrderMarks: false);
        using var parser = new CsvParser(reader, settings);
        try
        {
            while (parser.Read())
                records.Add(new CsvRecord(parser.RawRow, parser.Record!));
        }
        catch (DecoderFallbackException)
        {
            throw new SimulationException($"The file '{file}' is not text in UTF-8, plain or gzipped.");
        }
        return records;
    }
}
