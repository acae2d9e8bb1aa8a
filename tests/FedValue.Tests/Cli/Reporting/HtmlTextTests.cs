using System.Xml.Linq;
using FedValue.Cli.Reporting;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Tests.Cli.Reporting;

public class HtmlTextTests
{
    [Fact]
    public void Text_and_attributes_are_escaped()
    {
        string html = HtmlText.Write(Tag("p.soft", At("title", "\"<&>"), "<b>&amp;"));

        Assert.Equal("<!DOCTYPE html>\n<p class=\"soft\" title=\"&quot;&lt;&amp;&gt;\">&lt;b&gt;&amp;amp;</p>\n", html);
    }

    [Fact]
    public void Elements_without_content_are_closed_as_HTML_wants_it()
    {
        string html = HtmlText.Write(Tag("tr", Tag("td"), Tag("input"), Tag("rect")));

        Assert.Contains("<tr><td></td><input /><rect /></tr>", html, StringComparison.Ordinal);
    }

    /// <summary>No attribute can hold half a surrogate pair, so the cases stand here.</summary>
    [Fact]
    public void What_XML_cannot_hold_is_replaced()
    {
        (string Text, string Shown)[] cases =
        [
            ("\u0000", "\uFFFD"),
            ("a\u001Fb\uFFFF", "a\uFFFDb\uFFFD"),
            ("\uD83D\uDE00", "\uD83D\uDE00"),
            ("\uD83Dx", "\uFFFDx"),
            ("x\uDE00", "x\uFFFD"),
            ("x\uD83D", "x\uFFFD"),
        ];
        foreach ((string text, string shown) in cases)
        {
            var parsed = XElement.Parse(HtmlText.Write(Tag("p", At("title", text), text))["<!DOCTYPE html>\n".Length..]);
            Assert.Equal(shown, parsed.Value);
            Assert.Equal(shown, parsed.Attribute("title")!.Value);
        }
    }
}
