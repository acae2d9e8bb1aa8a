using YamlDotNet.RepresentationModel;

namespace FedValue.Server.Tests.Deploy;

/// <summary>A YAML file, and what is at a place in it.</summary>
static class Yaml
{
    public static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    /// <summary>The node at a place, names joined by points.</summary>
    public static YamlNode At(this YamlNode node, string place) => place.Split('.').Aggregate(node, (at, name) => at[name]);

    public static string Text(this YamlNode node) => ((YamlScalarNode)node).Value!;

    public static string[] Texts(this YamlNode node) => [.. ((YamlSequenceNode)node).Select(Text)];

    /// <summary>The names of a mapping's members; none where there is no such mapping.</summary>
    public static string[] Names(this YamlNode node) => node is YamlMappingNode mapping ? [.. mapping.Children.Keys.Select(Text)] : [];
}
