using System.Text.Json;

namespace FedValue.Tests.Valuation.Support;

/// <summary>The test vectors beside the test assembly.</summary>
static class VectorFile
{
    public static JsonElement Read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name)));
        return document.RootElement.Clone();
    }

    public static double[] Numbers(this JsonElement element, string property) => element.GetProperty(property).Numbers();

    public static double[][] Rows(this JsonElement element, string property) =>
        [.. element.GetProperty(property).EnumerateArray().Select(Numbers)];

    static double[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];
}
