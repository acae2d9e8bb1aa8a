namespace FedValue.Federation.Simulation;

/// <summary>
/// Human Activity Recognition Using Smartphones (Anguita et al., ESANN 2013): a folder with <c>features.csv.gz</c> or
/// <c>features.csv</c>, columns subject, activity, segment and position, then features. Every subject is a participant; UCI's nine test
/// subjects validate and test.
/// </summary>
static class HumanActivity
{
    const string FileName = "features.csv";

    static readonly CsvColumns Columns = new(
        Header: true,
        Label: "activity",
        Participant: "subject",
        ClassNames: ["walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying"],
        Drop: ["segment", "position"], // neighbours in a segment overlap, so a row's place must not become a feature
        HoldOut: ["2", "4", "9", "10", "12", "13", "18", "20", "24"]);

    public static Dataset Load(string folder)
    {
        string[] files = [.. DataFile.In(folder, "uci-har").Where(file => Path.GetFileName(file) is FileName or FileName + ".gz")];
        return files is [var file]
            ? CsvTable.Read("uci-har", file, DataFile.Read(file, "a CSV file"), Columns)
            : throw new SimulationException(
                $"A uci-har folder holds {FileName} or {FileName}.gz, but '{folder}' has {(files.Length == 0 ? "neither" : "both")}.");
    }
}
