using System.Text.Json;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Support;

namespace FedValue.Tests.Protocol;

/// <summary>
/// Inputs for the reference parser with their outcomes. Those of origin "reference test" are its own unit tests; the others were read off
/// its source and never run against it, so a disagreement there may be the case's mistake.
/// </summary>
public sealed class SharedSafetensorsCasesTests
{
    const string Cases = "ledger/safetensors-cases.json";

    /// <summary>Where FedValue refuses what the reference accepts or may accept, and why.</summary>
    static readonly Dictionary<string, SafetensorsRule> Stricter = new()
    {
        // The format says that a header MUST begin with an opening brace; the reference tolerates whitespace on purpose.
        ["ok_leading_ws_reference_tolerates_spec_forbids"] = SafetensorsRule.InvalidHeaderStart,

        // The format disallows duplicate keys; the reference keeps one of them, so two readers may see two files.
        ["duplicate_key_identical"] = SafetensorsRule.DuplicateKey,
    };

    [FactWithSharedVectors(Cases)]
    public void Every_public_case_has_its_outcome()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedVectors.PathOf(Cases)));
        var names = new List<string>();
        foreach (JsonElement entry in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            string name = entry.GetProperty("name").GetString()!;
            string expected = Stricter.TryGetValue(name, out SafetensorsRule rule) ? $"{rule}" : entry.GetProperty("expect").GetString()!;
            Assert.Equal((name, expected), (name, Outcome(entry.GetProperty("bytes_b64").GetBytesFromBase64())));
            names.Add(name);
        }

        Assert.Equal(25, names.Count);
        Assert.Superset(Stricter.Keys.ToHashSet(), names.ToHashSet());
    }

    static string Outcome(byte[] file)
    {
        try
        {
            SafetensorsFile.Read(file);
            return "ok";
        }
        catch (SafetensorsException refusal)
        {
            return $"{refusal.Rule}";
        }
    }
}
