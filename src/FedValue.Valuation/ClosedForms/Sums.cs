namespace FedValue.Valuation.ClosedForms;

static class Sums
{
    /// <summary>The sum in the given order with Neumaier's compensation.</summary>
    public static double Compensated(ReadOnlySpan<double> terms)
    {
        double sum = 0, lost = 0;
        foreach (double term in terms)
        {
            double next = sum + term;
            lost += Math.Abs(sum) >= Math.Abs(term) ? sum - next + term : term - next + sum;
            sum = next;
        }
        return sum + lost;
    }
}
