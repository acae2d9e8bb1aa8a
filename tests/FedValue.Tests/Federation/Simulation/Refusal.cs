using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>What a person is told who asked for something that cannot be simulated.</summary>
static class Refusal
{
    /// <summary>The message: one line, ended by a full stop.</summary>
    public static string Of(Action action)
    {
        string sentence = Assert.Throws<SimulationException>(action).Message;
        Assert.DoesNotContain(sentence, char.IsControl);
        Assert.EndsWith(".", sentence);
        return sentence;
    }
}
