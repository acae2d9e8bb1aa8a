using System.Globalization;

namespace FedValue.Valuation.Specs;

/// <summary>Things that are written <c>NAME</c> or <c>NAME:setting=value:setting=value</c>: aggregators and valuation methods.</summary>
/// <param name="kind">What they are called in messages, for example <c>aggregator</c>.</param>
/// <param name="entries">All of them, in the order in which they are listed.</param>
/// <param name="remark">Added after the names where an unknown one is refused; empty for nothing.</param>
public sealed class SpecCatalog<T>(string kind, IReadOnlyList<SpecEntry<T>> entries, string remark = "")
{
    /// <summary>All entries.</summary>
    public IReadOnlyList<SpecEntry<T>> Entries => entries;

    /// <summary>Reads a spec and makes what it says.</summary>
    /// <exception cref="FormatException">An unknown name or setting, or a value out of range.</exception>
    public T Parse(string spec)
    {
        string[] parts = spec.Split(':');
        SpecEntry<T> entry = entries.FirstOrDefault(e => e.Name == parts[0])
            ?? throw new FormatException($"There is no {kind} '{parts[0]}'{NearestName.Hint(parts[0], entries.Select(e => e.Name))}; "
                + $"there are {string.Join(", ", entries.Select(e => e.Name))}{remark}.");
        var values = entry.Settings.ToDictionary(s => s.Name, s => s.Default);
        var given = new HashSet<string>();
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=');
            if (pair.Length != 2 || entry.Settings.FirstOrDefault(s => s.Name == pair[0]) is not { } setting)
            {
                string names = entry.Settings.Count == 0 ? "(none)" : string.Join(", ", entry.Settings.Select(s => s.Name));
                throw new FormatException(
                    $"{Capital(kind)} '{entry.Name}' has the settings {names}, written NAME:setting=value, but '{part}' came.");
            }
            if (!given.Add(setting.Name))
                throw new FormatException($"Setting '{setting.Name}' of {kind} '{entry.Name}' is given twice.");
            values[setting.Name] = Number(entry.Name, setting, pair[1]);
        }
        return entry.Make(new SpecValues(entry.Name, entry.Settings, values));
    }

    /// <summary>The same things, made alike, but with other defaults of some settings.</summary>
    /// <exception cref="ArgumentException">There is no such setting, or it does not allow that value.</exception>
    public SpecCatalog<T> WithDefaults(params IReadOnlyList<(string Entry, string Setting, double Default)> defaults)
    {
        foreach ((string name, string setting, double value) in defaults)
        {
            if (entries.FirstOrDefault(e => e.Name == name)?.Settings.FirstOrDefault(s => s.Name == setting)?.Allows(value) != true)
                throw new ArgumentException($"There is no setting '{setting}' of {kind} '{name}' that allows {value}.", nameof(defaults));
        }
        return new SpecCatalog<T>(kind, [.. entries.Select(e => e with { Settings = [.. e.Settings.Select(s => Default(e, s))] })], remark);

        Setting Default(SpecEntry<T> entry, Setting setting)
        {
            foreach ((string name, string of, double value) in defaults)
            {
                if (entry.Name == name && setting.Name == of)
                    setting = setting with { Default = value };
            }
            return setting;
        }
    }

    double Number(string entry, Setting setting, string text)
    {
        string subject = $"Setting '{setting.Name}' of {kind} '{entry}' must be";
        if (!TypedNumber.TryParse(text, NumberStyles.Float, out double value) || !double.IsFinite(value))
            throw new FormatException($"{subject} a finite number, but '{text}' came.");
        if (!setting.Allows(value))
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{subject} {setting.Range}, but {value} came."));
        return value + 0.0; // -0 becomes 0: one spelling
    }

    static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}

/// <summary>One name of a catalog.</summary>
/// <param name="Name">What a spec begins with.</param>
/// <param name="Settings">Its settings, in the order of the one spelling.</param>
/// <param name="Make">Makes it from values that are in range.</param>
public sealed record SpecEntry<T>(string Name, IReadOnlyList<Setting> Settings, Func<SpecValues, T> Make);

/// <summary>The settings of one spec, all of them.</summary>
public sealed class SpecValues
{
    readonly IReadOnlyDictionary<string, double> _values;

    internal SpecValues(string name, IReadOnlyList<Setting> settings, IReadOnlyDictionary<string, double> values)
    {
        _values = values;
        Text = name + string.Concat(settings.Select(s => string.Create(CultureInfo.InvariantCulture, $":{s.Name}={values[s.Name]}")));
    }

    /// <summary>The one spelling: the name and every setting in its order.</summary>
    public string Text { get; }

    /// <summary>A setting's value.</summary>
    public double this[string setting] => _values[setting];

    /// <summary>A whole number's value.</summary>
    public int Count(string setting) => (int)_values[setting];
}
