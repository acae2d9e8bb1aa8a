namespace FedValue.Valuation.Games;

/// <summary>The utility of a round whose models nobody can measure: there is a number of players and nothing else.</summary>
/// <param name="players">n.</param>
public sealed class NoUtility(int players) : IUtility
{
    /// <inheritdoc/>
    public int Players => players;

    /// <inheritdoc/>
    public int Columns => 1;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public void Evaluate(Coalition coalition, Span<double> utilities) => throw new InvalidOperationException(
        "No coalition can be measured without validation data; a method that asks for it says so in its needs.");
}
