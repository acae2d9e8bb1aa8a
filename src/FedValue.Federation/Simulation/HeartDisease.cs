namespace FedValue.Federation.Simulation;

/// <summary>
/// UCI Heart Disease (Detrano et al. 1989) as FLamby selects it (NeurIPS 2022): four hospitals' <c>processed.*.data</c>, without the
/// columns slope, ca and thal, then without rows that miss a value; the class is num &gt; 0.
/// </summary>
static class HeartDisease
{
    const int Fields = 14;
    const int Features = 10; // age to oldpeak; slope, ca and thal follow, then num
    const int Num = 13;
    const int NumMax = 4;

    static readonly string[] Names =
        ["age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak", "slope", "ca", "thal", "num"];

    static readonly string[] Hospitals = ["cleveland", "hungarian", "switzerland", "va"];

    public static Dataset Load(string folder)
    {
        string[] files = DataFile.In(folder, "uci-heart");
        List<double> features = [];
        List<int> labels = [];
        List<string> owners = [];
        List<byte[]> contents = [];
        foreach (string hospital in Hospitals)
        {
            string name = $"processed.{hospital}.data";
            string file = files.FirstOrDefault(path => Path.GetFileName(path) == name)
                ?? throw new SimulationException($"A uci-heart folder holds processed.HOSPITAL.data for {string.Join(", ", Hospitals)}, " +
                    $"but '{folder}' has no {name}.");
            contents.Add(DataFile.Read(file, "a file of UCI Heart Disease"));
            foreach (CsvRecord row in CsvRecords.Read(file, contents[^1]))
            {
                if (row.Fields.Length != Fields)
                {
                    throw new SimulationException(
                        $"Line {row.Line} of '{file}' has {row.Fields.Length} fields, but UCI Heart Disease has {Fields}.");
                }
                if (row.Fields.AsSpan(0, Features).Contains("?"))
                    continue;
                for (int c = 0; c < Features; c++)
                    features.Add(CsvTable.Feature(file, row, c, Names));
                double num = CsvTable.Feature(file, row, Num, Names);
                if (num < 0 || num > NumMax || num != Math.Floor(num))
                {
                    throw new SimulationException(
                        $"Line {row.Line} of '{file}' has '{row.Fields[Num]}' as num; it must be a whole number from 0 to {NumMax}.");
                }
                labels.Add(num > 0 ? 1 : 0);
                owners.Add(hospital);
            }
        }
        return new Dataset
        {
            Name = "uci-heart",
            Digest = DataFile.DigestOf(contents),
            Width = Features,
            Features = [.. features],
            Labels = [.. labels],
            Classes = ["no disease", "disease"],
            Participants = owners,
        };
    }
}
