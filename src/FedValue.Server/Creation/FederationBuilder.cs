using System.Text.RegularExpressions;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Server.Http;

namespace FedValue.Server.Creation;

/// <summary>Makes a federation's beginning from the parts that an operator sent: the only place that knows what one begins with.</summary>
static partial class FederationBuilder
{
    /// <summary>Checks the parts against each other and builds the beginning.</summary>
    /// <exception cref="ApiException">422: something in them cannot be done.</exception>
    public static FederationCreation Build(CreationParts parts)
    {
        FederationSettings settings = FederationSettings.Parse(parts.Settings);
        try
        {
            return Build(settings, parts);
        }
        catch (Exception wrong) when (wrong is SimulationException or FormatException or ArgumentException or LedgerOrderException
            or LedgerFormatException or SafetensorsException or ModelMismatchException)
        {
            throw Problems.Refused("settings", Spelled(wrong.Message));
        }
    }

    static FederationCreation Build(FederationSettings settings, CreationParts parts)
    {
        if (!settings.IsNative)
            throw Problems.Refused("settings", "A federation needs a 'model', softmax or mlp:WIDTHS; other architectures are not taken yet.");
        if (settings.Buffers.Count > 0)
            throw Problems.Refused("settings", "'buffers' names tensors of a 'model' part of another architecture; a native model has none.");
        ValidationRows validation = Validation(settings, parts.Validation
            ?? throw Problems.Refused("settings", "A native model is measured on the part 'validation', CSV or safetensors, but it is missing."));
        int classes = settings.ClassNames?.Count ?? settings.ClassCount ?? Math.Max(2, validation.Rows.Labels.Max() + 1);
        if (settings.Features is { } features && features != validation.Rows.Width)
            throw Problems.Refused("settings", $"'features' says {features}, but the validation rows have {validation.Rows.Width}.");
        TermsChoice choice = TermsChoice.Problem(settings.Terms) is { } problem
            ? throw new SimulationException(problem)
            : TermsChoice.Of(settings.Terms, settings.Schedule?.Participants ?? FederationState.CohortMax, settings.Schedule, settings.NormLimit);
        var network = new Network(Architecture.Parse(choice.Terms.Architecture), validation.Rows.Width, classes);
        var creation = new FederationCreation(
            settings.Name, choice.Terms, network, validation, Model(network, parts.Model) ?? network.Initialize(choice.Terms.Seed), Scenario: []);
        SimulationPlan.RefuseWhatTheFederationWould(creation);
        return creation;
    }

    static ValidationRows Validation(FederationSettings settings, byte[] part)
    {
        // A safetensors file begins with the length of its header, whose last bytes are 0: no CSV holds a zero byte.
        ValidationRows rows = part is [_, _, _, _, _, _, 0, 0, (byte)'{', ..]
            ? ValidationRows.FromBlob(part)
            : new ValidationRows(ValidationTable.Read(part, settings.Label, settings.ClassNames));
        return rows.Rows.Features.All(float.IsFinite) ? rows
            : throw new FormatException("The features of the validation rows are finite in single precision, but one is not; scale them.");
    }

    static float[]? Model(Network network, byte[]? part)
    {
        if (part is null)
            return null;
        float[] weights = ModelFile.ReadWeights(network.Manifest, part);
        return ModelFile.FindNotFinite(network.Manifest, weights) is { } at
            ? throw new FormatException($"The model's weights are finite, but element {at.Offset} of tensor '{at.Tensor}' is {at.Value}.")
            : weights;
    }

    /// <summary>Sentences made for a command line name options; here they are members.</summary>
    static string Spelled(string sentence) => Option().Replace(sentence, option =>
        "'" + DashedLetter().Replace(option.Groups[1].Value, letter => letter.Groups[1].Value.ToUpperInvariant()) + "'");

    [GeneratedRegex(@"--([a-z]+(?:-[a-z]+)*)")]
    private static partial Regex Option();

    [GeneratedRegex("-([a-z])")]
    private static partial Regex DashedLetter();
}
