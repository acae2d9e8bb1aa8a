using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Server.Http;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Server.Creation;

/// <summary>Makes a federation's beginning from the parts that an operator sent: the only place that knows what one begins with.</summary>
static partial class FederationBuilder
{
    const string ModelPart = "a model in safetensors";
    const int BuffersShown = 200;

    /// <summary>Checks the parts against each other and builds the beginning.</summary>
    /// <exception cref="ApiException">422: something in them cannot be done.</exception>
    public static async Task<FederationCreation> BuildAsync(CreationParts parts, CancellationToken cancellation)
    {
        FederationSettings settings = FederationSettings.Parse(parts.Settings);
        try
        {
            return await BuildAsync(settings, parts, cancellation);
        }
        catch (Exception wrong) when (wrong is SimulationException or FormatException or ArgumentException or LedgerOrderException
            or LedgerFormatException or SafetensorsException or ModelMismatchException)
        {
            string? setting = (wrong as SimulationException)?.Setting ?? (wrong as SettingException)?.Setting;
            throw setting is null ? Wrong(Spelled(wrong.Message), "federation")
                : Wrong(Spelled(wrong.Message), setting, FederationSettings.Takes(setting), FederationSettings.Shown(parts.Settings, setting));
        }
    }

    /// <summary>What cannot be used of one part or member.</summary>
    static ApiException Wrong(string detail, string field, string? expected = null, string? came = null) =>
        Problems.Of(422, "settings", detail, field, expected, came);

    /// <summary>Reads a part; whatever is wrong with it is blamed on it.</summary>
    static async Task<T> PartAsync<T>(string name, string expected, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception wrong) when (wrong is SimulationException or FormatException or ArgumentException or SafetensorsException
            or ModelMismatchException)
        {
            string sentence = Spelled(wrong.Message);
            throw Wrong(name == "model" && wrong is SafetensorsException ? $"The part 'model' is no safetensors file: {sentence}" : sentence,
                name, expected);
        }
    }

    static async Task<FederationCreation> BuildAsync(FederationSettings settings, CreationParts parts, CancellationToken cancellation)
    {
        ValidationRows? validation = parts.Validation is { } part
            ? await PartAsync("validation", "CSV, safetensors or IDX", () => Task.FromResult(Validation(settings, part, parts.ValidationLabels)))
            : parts.ValidationLabels is null ? null
            : throw Wrong("The part 'validation-labels' belongs to a 'validation' part, but that did not come.",
                "validation", "rows in IDX", "nothing");
        MethodNeeds there = validation is not null ? MethodNeeds.Validation : settings.IsNative ? MethodNeeds.NativeModel : MethodNeeds.Updates;
        SimulationOptions wish = settings.Terms with { Utility = settings.Utility ?? (validation is null ? Utilities.None : settings.Terms.Utility) };
        CheckNames(settings, wish);
        if (TermsChoice.Fault(wish) is { } fault)
            throw new SettingException(fault.Term, fault.Sentence);
        FederationTerms terms = TermsChoice.Of(wish, settings.Schedule?.Participants, settings.Schedule, settings.NormLimit, there).Terms;
        FederationModel model = settings.IsNative
            ? await NativeAsync(settings, terms, validation, parts.Model, cancellation) : await OtherAsync(settings, parts.Model, cancellation);
        var creation = new FederationCreation(settings.Name, terms, model, validation, Scenario: []);
        SimulationPlan.RefuseWhatTheFederationWould(creation);
        return creation;
    }

    /// <summary>Reads every setting that is a name or a list of names by itself, so that what cannot be read is blamed on it.</summary>
    static void CheckNames(FederationSettings settings, SimulationOptions wish)
    {
        Named("model", () => settings.IsNative ? Architecture.Parse(wish.Model) : null);
        Named("aggregator", () => AggregationPool.Parse(wish.Aggregator));
        Named("methods", () => wish.Methods?.Select(method => MethodCatalog.Get(method)).ToList());
        Named("stop", () => wish.Stop is { } stop ? StopCondition.Parse(stop) : null);

        static void Named(string setting, Func<object?> read)
        {
            try
            {
                read();
            }
            catch (Exception wrong) when (wrong is FormatException or ArgumentException)
            {
                throw new SettingException(setting, wrong.Message);
            }
        }
    }

    static async Task<FederationModel> NativeAsync(
        FederationSettings settings, FederationTerms terms, ValidationRows? validation, UploadedFile? part, CancellationToken cancellation)
    {
        if (settings.Buffers.Count > 0)
            throw Wrong("'buffers' names tensors of a 'model' part, but a native model has none; leave it out.", "buffers", "nothing",
                Problems.Shown(string.Join(", ", settings.Buffers)));
        int features = settings.Features ?? validation?.Rows.Width
            ?? throw Wrong("Without validation rows a native model needs the number of 'features'.",
                "features", "a whole number of 1 or more", "nothing");
        if (validation is not null && features != validation.Rows.Width)
        {
            string there = validation.Rows.Width.ToString(CultureInfo.InvariantCulture), came = features.ToString(CultureInfo.InvariantCulture);
            throw Wrong($"The validation rows have {there} features, but {came} came.", "features", $"{there}, or nothing", came);
        }
        int classes = settings.ClassNames?.Count ?? settings.ClassCount ?? (validation is null
            ? throw Wrong("Without validation rows a native model needs its 'classes', a number or names.", "classes", "a number or names", "nothing")
            : Math.Max(2, validation.Rows.Labels.Max() + 1));
        var network = new Network(Architecture.Parse(terms.Architecture), features, classes);
        return part is null ? FederationModel.Native(network, network.Initialize(terms.Seed))
            : await PartAsync("model", ModelPart, () => FederationModel.ReadAsync(terms.Architecture, network.Manifest, part, cancellation));
    }

    static async Task<FederationModel> OtherAsync(FederationSettings settings, UploadedFile? part, CancellationToken cancellation)
    {
        if (part is null)
            throw Wrong("A federation trains a 'model', softmax or mlp:WIDTHS, or what is in the part 'model', but neither came.",
                "model", "softmax, mlp:WIDTHS or a part of safetensors", "nothing");
        if (settings.Features is not null || settings.ClassCount is not null || settings.ClassNames is not null)
            throw Wrong("'features' and 'classes' are those of a native 'model', but none is named; leave them out.",
                settings.Features is not null ? "features" : "classes", "nothing");
        SafetensorsHeader header = await PartAsync("model", ModelPart, async () =>
        {
            await using Stream file = part.OpenRead();
            return (await SafetensorsReading.BeginAsync(file, cancellation)).Header;
        });
        if (settings.Buffers.FirstOrDefault(name => !header.Tensors.Any(tensor => tensor.Name == name)) is { } unknown)
            throw Wrong($"'buffers' names '{Problems.Shown(unknown)}', but the model part has no such tensor.",
                "buffers", "names of the model's tensors", Problems.Shown(unknown));
        RequireBuffers(header, settings.Buffers);
        return await PartAsync("model", ModelPart, () =>
            FederationModel.ReadAsync("", ModelManifest.Of(header, settings.Buffers), part, cancellation));
    }

    /// <summary>Whole numbers are no weights: whose model has some, such as PyTorch's counters of batches, is told which to name.</summary>
    static void RequireBuffers(SafetensorsHeader header, IReadOnlyList<string> buffers)
    {
        string[] missing =
            [.. header.Tensors.Where(tensor => tensor.Type == TensorType.I64).Select(tensor => tensor.Name).Except(buffers)];
        if (missing is not [var first, ..])
            return;
        string[] named = [.. buffers.Distinct(), .. missing];
        string list = JsonSerializer.Serialize(named.Take(BuffersShown), ApiJson.Options);
        throw Wrong(
            $"A tensor of I64 is carried along and not trained, and the settings say so, but '{Problems.Shown(first)}' is not named; "
            + (named.Length > BuffersShown ? $"name all {missing.Length} such tensors in \"buffers\"." : $"say \"buffers\":{list}."),
            "buffers", "all of the model's tensors of I64", buffers.Count == 0 ? "nothing" : Problems.Shown(string.Join(", ", buffers)));
    }

    static ValidationRows Validation(FederationSettings settings, byte[] part, byte[]? labels)
    {
        // A safetensors file begins with the length of its header, whose last bytes are 0: no CSV holds a zero byte.
        ValidationRows rows = labels is not null ? new ValidationRows(ValidationTable.ReadIdx(part, labels))
            : part is [_, _, _, _, _, _, 0, 0, (byte)'{', ..] ? ValidationRows.FromBlob(part)
            : new ValidationRows(ValidationTable.Read(part, settings.Label, settings.ClassNames));
        return rows.Rows.Features.All(float.IsFinite) ? rows
            : throw new FormatException("The features of the validation rows are finite in single precision, but one is not; scale them.");
    }

    /// <summary>Sentences made for a command line name options, which are members here; those of .NET end with a parameter's name.</summary>
    static string Spelled(string sentence) => Option().Replace(Parameter().Replace(sentence, ""), option =>
        "'" + DashedLetter().Replace(option.Groups[1].Value, letter => letter.Groups[1].Value.ToUpperInvariant()) + "'");

    [GeneratedRegex(@"--([a-z]+(?:-[a-z]+)*)")]
    private static partial Regex Option();

    [GeneratedRegex(@" \(Parameter '\w+'\)$")]
    private static partial Regex Parameter();

    [GeneratedRegex("-([a-z])")]
    private static partial Regex DashedLetter();
}
