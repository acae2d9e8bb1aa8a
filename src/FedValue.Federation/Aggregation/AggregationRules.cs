using System.Globalization;

namespace FedValue.Federation.Aggregation;

/// <summary>The aggregation rules by name, with the defaults of current Flower except where the name says otherwise.</summary>
public static class AggregationRules
{
    /// <summary>The names that <see cref="Parse"/> knows, with their settings and defaults.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<(string Setting, double Default)> Settings)> Known { get; } =
    [
        ("fedavg", []),
        ("fedavgm", [("server-learning-rate", 1), ("momentum", 0.9)]), // Flower's momentum of 0 would be FedAvg again
        ("fedadam", [("learning-rate", 0.1), ("beta1", 0.9), ("beta2", 0.99), ("tau", 1e-3)]),
        ("fedmedian", []),
    ];

    /// <summary>Reads <c>NAME</c> or <c>NAME:setting=value:setting=value</c>, for example <c>fedavgm:momentum=0.5</c>.</summary>
    /// <exception cref="FormatException">An unknown name or setting, or a value out of range.</exception>
    public static AggregationRule Parse(string spec)
    {
        string[] parts = spec.Split(':');
        if (!Known.Any(known => known.Name == parts[0]))
        {
            string names = string.Join(", ", Known.Select(k => k.Name));
            throw new FormatException($"There is no aggregator '{parts[0]}'; there are {names}, and fedrandom, a pool of these.");
        }
        IReadOnlyList<(string Setting, double Default)> known = Known.First(known => known.Name == parts[0]).Settings;
        var settings = known.ToDictionary(s => s.Setting, s => s.Default);
        var given = new HashSet<string>();
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=');
            if (pair.Length != 2 || !settings.ContainsKey(pair[0]))
            {
                throw new FormatException(
                    $"Aggregator '{parts[0]}' has the settings {(known.Count == 0 ? "(none)" : string.Join(", ", settings.Keys))}, " +
                    $"written NAME:setting=value, but '{part}' came.");
            }
            if (!given.Add(pair[0]))
                throw new FormatException($"Setting '{pair[0]}' of aggregator '{parts[0]}' is given twice.");
            if (!double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
                throw new FormatException($"Setting '{pair[0]}' of aggregator '{parts[0]}' must be a finite number, but '{pair[1]}' came.");
            settings[pair[0]] = Checked(parts[0], pair[0], value) + 0.0; // -0 becomes 0: one spelling
        }
        return parts[0] switch
        {
            "fedavg" => new FedAvg(),
            "fedavgm" => new FedAvgM(settings["server-learning-rate"], settings["momentum"]),
            "fedadam" => new FedAdam(settings["learning-rate"], settings["beta1"], settings["beta2"], settings["tau"]),
            _ => new FedMedian(),
        };
    }

    static double Checked(string rule, string setting, double value)
    {
        bool decay = setting is "momentum" or "beta1" or "beta2";
        if (decay ? value is >= 0 and < 1 : value > 0)
            return value;
        throw new FormatException(
            $"Setting '{setting}' of aggregator '{rule}' must be {(decay ? "0 or more and below 1" : "positive")}, but {value} came.");
    }
}
