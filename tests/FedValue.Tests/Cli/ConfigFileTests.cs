using System.Text;
using FedValue.Cli.Commands;
using FedValue.Cli.Settings;
using FedValue.Federation.Simulation;
using FedValue.Tests.Support;

namespace FedValue.Tests.Cli;

public sealed class ConfigFileTests
{
    [Theory]
    [InlineData("""{"rounds": 3}""")]
    [InlineData("""{"rounds": 3.0}""")]
    [InlineData("""{"rounds": 0.3e1}""")]
    [InlineData("""{"rounds": "3"}""")]
    [InlineData("""{"rounds": [3]}""")]
    public void A_whole_number_may_be_spelled_in_any_way(string json) => Assert.Equal(3, Read(Encoding.UTF8.GetBytes(json)).Rounds);

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal(3, Read([.. Encoding.UTF8.Preamble, .. """{"rounds": 3}"""u8]).Rounds);

    public static TheoryData<byte[], string> Wrong => new()
    {
        { [.. "{\"dataset\": \""u8, 0xe4, .. "\"}"u8], "byte 12 that is no text in Unicode" },
        { [.. "{\"a"u8, 0xff, .. "\": 1}"u8], "byte 1 that is no text in Unicode" },
        { """{"dataset": "\ud800"}"""u8.ToArray(), "no text in Unicode" },
        { """{"\udc00": 1}"""u8.ToArray(), "no text in Unicode" },
        { """{"result": ["\ud800"]}"""u8.ToArray(), "no text in Unicode" },
        { """{"rounds": "1\u0000"}"""u8.ToArray(), "--rounds must be a whole number" },
        { """{"rounds": 1.5}"""u8.ToArray(), "--rounds must be a whole number" },
        { """{"rounds": []}"""u8.ToArray(), "--rounds takes one value, but 0 came" },
        { """{"rounds": 1, "rounds": 2}"""u8.ToArray(), "is not JSON" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_read_is_refused(byte[] content, string part) =>
        Assert.Contains(part, Assert.Throws<UsageException>(() => Read(content)).Message);

    [Fact]
    public void An_empty_list_is_an_empty_list() => Assert.Empty(Read("""{"corrupt": []}"""u8.ToArray()).Corrupt!);

    static SimulationOptions Read(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["config.json"], content);
        return ConfigFile.Apply(folder["config.json"], new SimulationOptions());
    }
}
