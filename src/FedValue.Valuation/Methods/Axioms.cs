namespace FedValue.Valuation.Methods;

/// <summary>Which of Shapley's axioms the values of a method satisfy, for the game the method itself states.</summary>
[Flags]
public enum Axioms
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The values sum to U(N) - U(empty).</summary>
    Efficiency = 1,

    /// <summary>Participants who are interchangeable in the game get the same value.</summary>
    Symmetry = 2,

    /// <summary>A participant who changes no utility gets 0.</summary>
    NullPlayer = 4,

    /// <summary>The values of a sum of games are the sums of the values.</summary>
    Linearity = 8,

    /// <summary>All four: then it is the Shapley value of the stated game.</summary>
    All = Efficiency | Symmetry | NullPlayer | Linearity,
}
