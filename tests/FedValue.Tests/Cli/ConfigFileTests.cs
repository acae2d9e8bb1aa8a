using System.Text;
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

    [Fact]
    public void An_empty_list_is_an_empty_list() => Assert.Empty(Read("""{"corrupt": []}"""u8.ToArray()).Corrupt!);

    static SimulationOptions Read(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["config.json"], content);
        return ConfigFile.Apply(folder["config.json"], new SimulationOptions());
    }
}
