using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedValue.Cli.Commands;
using FedValue.Cli.Settings;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Cli.Experiments;

/// <summary>Reads an experiment: strict JSON, every member known, every mistake named with its place.</summary>
static class ExperimentFile
{
    const int CellsMax = 1_000_000;
    const long SeedMax = (1L << 53) - 1;
    const string All = "all";
    const string ProximalMu = "proximal-mu";

    static readonly string[] Members =
        ["name", "about", "seeds", "base", "scenarios", "aggregators", "groups", "compare", "methods", "truth"];

    /// <summary>What the grid or the command line decides, and payouts, which are not part of an experiment.</summary>
    static readonly string[] NotSettings =
        ["aggregator", "preset", "methods", "seed", "threads", "budget", "pay-by", "policy", "if-none-positive"];

    /// <summary>Reads the file of that path, or the experiment that is shipped under that name where there is no such file.</summary>
    /// <exception cref="UsageException">There is none, or something in it is wrong.</exception>
    public static Experiment Read(string file)
    {
        string known = string.Join(", ", ShippedExperiments.Names);
        if (file == "")
            throw new UsageException($"An experiment is a JSON file or one of {known}, but its name is empty.");
        byte[] content;
        try
        {
            content = !File.Exists(file) && ShippedExperiments.Find(file) is { } shipped ? shipped : File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"There is no experiment '{file}': it is neither a readable file nor one of "
                + $"{known} ({failure.Message})");
        }
        try
        {
            using JsonDocument json = Document(content);
            return Parse(new JsonPlace(json.RootElement, ""), Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        catch (JsonException wrong)
        {
            throw new UsageException($"The experiment '{file}' is not JSON: {wrong.Message}");
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"In the experiment '{file}': {wrong.Message}");
        }
    }

    static JsonDocument Document(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        try
        {
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (InvalidOperationException) // names are decoded here, to find those that are there twice
        {
            throw new FormatException("the name of a member is no text in Unicode; save the file as UTF-8.");
        }
    }

    static Experiment Parse(JsonPlace root, string digest)
    {
        IReadOnlyDictionary<string, JsonPlace> members = root.Known(Members);
        JsonPlace Needed(string name) => members.GetValueOrDefault(name) ?? throw new FormatException($"the member '{name}' is missing.");
        JsonPlace? Maybe(string name) => members.GetValueOrDefault(name);

        SimulationOptions common = Maybe("base") is { } given ? Settings(given.Members(), new SimulationOptions()) : new SimulationOptions();
        ExperimentAggregator[] aggregators = [.. Needed("aggregators").Items("aggregator").Select(Aggregator)];
        Distinct("aggregators", aggregators.Select(a => a.Name));
        ExperimentGroup[] groups = Maybe("groups") is { } named
            ? [.. named.Items("group").Select(place => Group(place, aggregators))]
            : [new ExperimentGroup(All, [.. aggregators.Select(a => a.Name)])];
        Distinct("groups", groups.Select(g => g.Name));
        ExperimentScenario[] scenarios = [.. Needed("scenarios").Items("scenario").Select(place => Scenario(place, common))];
        Distinct("scenarios", scenarios.Select(s => s.Name));
        string[] methods = [.. Needed("methods").Items("method").Select(place => At(place, () => MethodCatalog.Get(place.Text()).Info.Name))];
        Distinct("methods", methods);
        var experiment = new Experiment
        {
            Name = Name(Needed("name")),
            About = Maybe("about")?.Text() ?? "",
            Digest = digest,
            Seeds = Seeds(Needed("seeds")),
            Scenarios = scenarios,
            Aggregators = aggregators,
            Groups = groups,
            Compare = Maybe("compare") is { } compare ? Comparison(compare, groups) : null,
            Methods = methods,
            Truth = Maybe("truth") is { } truth ? TruthOf(truth) : Truth.None,
        };
        long cells = (long)experiment.Seeds.Count * scenarios.Length * aggregators.Length;
        if (cells > CellsMax)
            throw new FormatException($"the grid has {cells} simulations, but at most {CellsMax} are possible.");
        return experiment.Compare is null || experiment.Truth == Truth.Sizes ? experiment
            : throw new FormatException("'compare' needs the truth 'sizes', because groups are compared by their distance to it.");
    }

    /// <summary>It names the default folder, so it holds nothing that a path could stumble over.</summary>
    static string Name(JsonPlace place)
    {
        string name = place.Text();
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name
            : throw place.Wrong("made of letters, digits, '-' and '_'");
    }

    static IReadOnlyList<long> Seeds(JsonPlace place)
    {
        if (place.Kind == JsonValueKind.Object)
        {
            IReadOnlyDictionary<string, JsonPlace> range = place.Known("from", "count");
            if (range.Count < 2)
                throw place.Wrong("a list of seeds or an object with from and count");
            long from = range["from"].Whole(0, SeedMax), count = range["count"].Whole(1, Math.Min(CellsMax, SeedMax - from + 1));
            return [.. Enumerable.Range(0, (int)count).Select(i => from + i)];
        }
        long[] seeds = [.. place.Items("seed, or an object with from and count").Select(item => item.Whole(0, SeedMax)).Order()];
        Distinct("seeds", seeds.Select(seed => $"{seed}"));
        return seeds;
    }

    static ExperimentScenario Scenario(JsonPlace place, SimulationOptions common)
    {
        IReadOnlyList<(string Name, JsonPlace Value)> members = place.Members();
        JsonPlace name = members.FirstOrDefault(m => m.Name == "name").Value ?? throw place.Wrong("an object with a name and settings");
        return new ExperimentScenario(name.Text(), Settings(members.Where(m => m.Name != "name"), common));
    }

    static SimulationOptions Settings(IEnumerable<(string Name, JsonPlace Value)> members, SimulationOptions options)
    {
        foreach ((string name, JsonPlace value) in members)
        {
            if (NotSettings.Contains(name))
            {
                throw new FormatException($"'{value.Place}' is no setting of a scenario: seeds, aggregators and methods have members of their "
                    + "own, threads stand on the command line, and nothing is paid out.");
            }
            SimulationSetting setting = SimulationSettings.All.FirstOrDefault(s => s.Name == name)
                ?? throw new FormatException($"'{value.Place}' is unknown; settings are named like the options of 'fedvalue simulate'.");
            IReadOnlyList<string> texts = value.Texts();
            SimulationOptions before = options;
            options = At(value, () => setting.Set(before, texts));
            if (name == "stop" && options.Stop is { } stop && At(value, () => StopCondition.Parse(stop)).HasTimeLimit)
            {
                throw new FormatException($"'{value.Place}' has a time limit, '{stop}', but the tables of an experiment are the same on every "
                    + "machine; use permutations:N or evaluations:N.");
            }
        }
        return options;
    }

    static ExperimentAggregator Aggregator(JsonPlace place)
    {
        if (place.Kind == JsonValueKind.String)
            return Checked(place, new ExperimentAggregator(place.Text(), place.Text(), null));
        if (place.Kind != JsonValueKind.Object)
            throw place.Wrong("a text or an object with an aggregator");
        IReadOnlyDictionary<string, JsonPlace> members = place.Known("name", "aggregator", "preset", ProximalMu);
        if (!members.TryGetValue("aggregator", out JsonPlace? spec))
            throw place.Wrong("a text or an object with an aggregator");
        return Checked(place, new ExperimentAggregator(
            (members.GetValueOrDefault("name") ?? spec).Text(), spec.Text(), members.GetValueOrDefault("preset")?.Text(),
            members.TryGetValue(ProximalMu, out JsonPlace? mu) ? Settings([(ProximalMu, mu)], new SimulationOptions()).ProximalMu : null));
    }

    static ExperimentAggregator Checked(JsonPlace place, ExperimentAggregator aggregator)
    {
        _ = At(place, () => AggregationPool.Parse(
            aggregator.Spec, aggregator.Preset is { } preset ? AggregationPreset.Get(preset) : null));
        return aggregator;
    }

    static ExperimentGroup Group(JsonPlace place, ExperimentAggregator[] aggregators)
    {
        IReadOnlyDictionary<string, JsonPlace> members = place.Known("name", "members");
        if (members.Count < 2)
            throw place.Wrong("an object with a name and members");
        string[] names = [.. members["members"].Items("aggregator").Select(item => aggregators.Any(a => a.Name == item.Text())
            ? item.Text() : throw item.Wrong("the name of one of the aggregators"))];
        Distinct(members["members"].Place, names);
        return new ExperimentGroup(members["name"].Text(), names);
    }

    static ExperimentComparison Comparison(JsonPlace place, ExperimentGroup[] groups)
    {
        IReadOnlyDictionary<string, JsonPlace> members = place.Known("group", "with");
        if (members.Count < 2)
            throw place.Wrong("an object with the members group and with");
        string Named(JsonPlace name) => groups.Any(g => g.Name == name.Text()) ? name.Text() : throw name.Wrong("the name of one of the groups");
        return new ExperimentComparison(Named(members["group"]), Named(members["with"]));
    }

    static Truth TruthOf(JsonPlace place) => place.Text() switch
    {
        "sizes" => Truth.Sizes,
        "none" => Truth.None,
        "corrupted" => Truth.Corrupted,
        _ => throw place.Wrong("sizes, none or corrupted"),
    };

    static T At<T>(JsonPlace place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception wrong) when (wrong is UsageException or SimulationException or ArgumentException)
        {
            throw new FormatException($"'{place.Place}': {wrong.Message}");
        }
        catch (FormatException wrong) when (!wrong.Message.StartsWith($"'{place.Place}", StringComparison.Ordinal))
        {
            throw new FormatException($"'{place.Place}': {wrong.Message}");
        }
    }

    static void Distinct(string place, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new FormatException($"'{place}' has '{twice.Key}' twice.");
    }
}
