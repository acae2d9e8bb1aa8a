using System.Text;
using System.Text.Json;
using FedValue.Protocol.Json;

namespace FedValue.Tests.Protocol;

public sealed class JsonTextTests
{
    [Fact]
    public void Control_characters_are_escaped_as_RFC_8785_says()
    {
        string controls = string.Concat(Enumerable.Range(0, 32).Select(i => (char)i));
        Assert.Equal(
            """
            "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f
            """
            + """
            \u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"
            """,
            Json(controls));
    }

    [Fact]
    public void Nothing_else_is_escaped_but_the_quote_and_the_backslash()
    {
        Assert.Equal("\"\\\"\\\\\"", Json("\"\\"));
        const string Plain = " /<>&'+`\u007f\u0080é\u2028\ufeff\uffff\U0001F600";
        Assert.Equal($"\"{Plain}\"", Json(Plain));
    }

    [Fact]
    public void Every_character_of_the_first_plane_is_read_again()
    {
        string all = string.Concat(Enumerable.Range(0, 0x10000).Select(i => (char)i).Where(c => !char.IsSurrogate(c)));
        Assert.Equal(all, JsonSerializer.Deserialize<string>(new StringBuilder().AppendJson(all).ToUtf8()));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_wherever_it_stands()
    {
        foreach (string text in (string[])["\ud800", "\udc00", "a\ud800b", "\udc00\ud800", "\ud800\ud800\udc00"])
            Assert.Throws<ArgumentException>(() => Json(text));
    }

    static string Json(string text) => new StringBuilder().AppendJson(text).ToString();
}
