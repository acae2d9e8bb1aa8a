using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>The frame of every report: one file without scripts that loads nothing.</summary>
static class HtmlPage
{
    /// <summary>Even if something slipped through, a browser would neither run nor load it.</summary>
    const string OnlyItself = "default-src 'none'; style-src 'unsafe-inline'";

    public static string Write(string title, string style, params object?[] body) => HtmlText.Write(Tag("html", At("lang", "en"),
        Tag("head",
            Tag("meta", At("charset", "utf-8")),
            Tag("meta", At("http-equiv", "Content-Security-Policy"), At("content", OnlyItself)),
            Tag("meta", At("name", "viewport"), At("content", "width=device-width, initial-scale=1")),
            Tag("meta", At("name", "color-scheme"), At("content", "light dark")),
            Tag("title", title),
            Tag("style", style)),
        Tag("body", body)));
}
