using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace FedValue.Server.Http;

/// <summary>A server's configuration file. It holds only what is known, so that no misspelled limit stays as it was unnoticed.</summary>
static class ServerConfiguration
{
    const string LimitsSection = "FedValue";

    static readonly string[] Sections = ["Kestrel", "Logging", LimitsSection];

    /// <summary>Adds the file to a configuration and takes the limits from it.</summary>
    /// <exception cref="FormatException">It is missing, no JSON, or has a section or limit that is not known or no number.</exception>
    public static void Take(string file, IConfigurationBuilder configuration, ServerLimits limits)
    {
        IConfigurationRoot read = Read(file);
        if (read.GetChildren().FirstOrDefault(section => !Sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new FormatException(
                $"The configuration '{file}' has the sections {string.Join(", ", Sections)}, but '{Problems.Shown(unknown.Key)}' came; correct it.");
        }
        IConfigurationSection section = read.GetSection(LimitsSection);
        if (section.Value is { Length: > 0 } value)
            throw new FormatException($"The section {LimitsSection} of '{file}' is a JSON object of limits, but '{Problems.Shown(value)}' came.");
        foreach (IConfigurationSection limit in section.GetChildren())
            Check(file, limit);
        section.Bind(limits);
        configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
    }

    static IConfigurationRoot Read(string file)
    {
        if (!File.Exists(file))
            throw new FormatException($"There is no configuration file '{file}'.");
        try
        {
            return new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false).Build();
        }
        catch (InvalidDataException broken)
        {
            Exception fault = broken;
            while (fault is not JsonException && fault.InnerException is { } inner)
                fault = inner;
            string reason = fault is JsonException json ? JsonFault.Sentence(json) : fault.Message;
            throw new FormatException($"The configuration '{file}' is one JSON object, but reading it failed: {reason}", broken);
        }
    }

    static void Check(string file, IConfigurationSection limit)
    {
        PropertyInfo[] known = typeof(ServerLimits).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        if (known.FirstOrDefault(property => property.Name.Equals(limit.Key, StringComparison.OrdinalIgnoreCase)) is not { } one)
        {
            string names = string.Join(", ", known.Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)));
            throw new FormatException(
                $"The section {LimitsSection} of '{file}' has no limit '{Problems.Shown(limit.Key)}'; the limits are {names}.");
        }
        bool isNumber = one.PropertyType == typeof(double)
            ? double.TryParse(limit.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            : long.TryParse(limit.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
                && (one.PropertyType == typeof(long) || whole is >= int.MinValue and <= int.MaxValue);
        if (!isNumber)
        {
            string kind = one.PropertyType == typeof(double) ? "a number" : "a whole number", came = Problems.Shown(limit.Value ?? "something else");
            throw new FormatException($"The limit {limit.Key} of the section {LimitsSection} of '{file}' is {kind}, but '{came}' came.");
        }
    }
}
