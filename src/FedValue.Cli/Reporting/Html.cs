using System.Xml.Linq;

namespace FedValue.Cli.Reporting;

/// <summary>Makes elements. A name may carry classes, as in <c>td.num.soft</c>; escaping is XElement's, for everything.</summary>
static class Html
{
    /// <summary>More rows than this scroll in a box of their own.</summary>
    const int RowsMax = 24;

    public static XElement Tag(string name, params object?[] content)
    {
        string[] parts = name.Split('.');
        var element = new XElement(parts[0]);
        if (parts.Length > 1)
            element.SetAttributeValue("class", string.Join(' ', parts.Skip(1)));
        element.Add(content);
        return element;
    }

    public static XAttribute At(string name, string value) => new(name, value);

    public static XElement Paragraph(string text, string style = "") => Tag(style == "" ? "p" : "p." + style, text);

    /// <summary>A table that may be wider than the page: it scrolls in its own box, reachable by keyboard.</summary>
    public static XElement Scrolling(string label, params object?[] content) =>
        Tag("div.scroll", At("tabindex", "0"), At("role", "region"), At("aria-label", label), content);

    /// <summary>The same for one thing per participant: many scroll downwards too, so that the rest of the page stays in reach.</summary>
    public static XElement Rolling(int participants, string label, params object?[] content) => participants <= RowsMax
        ? Scrolling(label, content)
        : Tag("div.scroll.long", At("tabindex", "0"), At("role", "region"), At("aria-label", label), content);

    /// <summary>What a reader may want to open.</summary>
    public static XElement Foldout(string summary, params object?[] content) => Tag("details", Tag("summary", summary), content);

    public static XElement HeaderRow(params IEnumerable<XElement> cells) => Tag("thead", Tag("tr", cells));

    public static XElement Column(string text, string style = "") =>
        Tag(style == "" ? "th" : "th." + style, At("scope", "col"), text);

    public static XElement RowHead(params object?[] content) => Tag("th", At("scope", "row"), content);

    public static XElement Number(string text) => Tag("td.num", text);
}
