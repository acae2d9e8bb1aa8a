using System.Globalization;

namespace FedValue.Federation.Simulation;

/// <summary>Numbers in one spelling each: what stands on a ledger must not depend on how somebody typed it.</summary>
static class NumberText
{
    const string UpTo28Decimals = "0.############################"; // a decimal has no more

    public static string Of(decimal number) => number.ToString(UpTo28Decimals, CultureInfo.InvariantCulture);

    public static string Of(double number) => (number + 0.0).ToString(CultureInfo.InvariantCulture); // -0 becomes 0

    public static string Of(int number) => number.ToString(CultureInfo.InvariantCulture);
}
