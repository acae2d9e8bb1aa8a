using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace FedValue.Cli.Reporting;

/// <summary>Writes a tree that an HTML parser and an XML parser read alike.</summary>
static class HtmlText
{
    /// <summary>HTML would take any other element without content as one that was never closed.</summary>
    static readonly HashSet<string> SelfClosing = ["meta", "input", "br", "circle", "line", "rect", "path"];

    static readonly XmlWriterSettings AsIs = new() { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None };

    public static string Write(XElement root)
    {
        foreach (XElement element in root.DescendantsAndSelf())
        {
            foreach (XAttribute attribute in element.Attributes())
                attribute.Value = Legal(attribute.Value);
            foreach (XText text in element.Nodes().OfType<XText>())
                text.Value = Legal(text.Value);
            if (element.IsEmpty && !SelfClosing.Contains(element.Name.LocalName))
                element.Value = "";
        }
        var html = new StringBuilder("<!DOCTYPE html>\n");
        using (var writer = XmlWriter.Create(html, AsIs))
            root.Save(writer);
        return html.Append('\n').ToString();
    }

    /// <summary>The text with U+FFFD for what no XML may hold: class names come from tables that may hold anything.</summary>
    static string Legal(string text)
    {
        StringBuilder? legal = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
                continue;
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                i++;
            else
                (legal ??= new StringBuilder(text))[i] = '\uFFFD';
        }
        return legal?.ToString() ?? text;
    }
}
