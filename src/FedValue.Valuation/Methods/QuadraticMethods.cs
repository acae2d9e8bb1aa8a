using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>Shapley values of the quadratic surrogate on scaled updates y_k = c_k x_k.</summary>
static class Surrogate
{
    /// <summary>Target alpha = mean of the y_k.</summary>
    public static double[] TowardsMean(RoundGeometry geometry, double[] scale)
    {
        int n = geometry.Count;
        double[] withTotal = Scaled(geometry.WithCombination(scale), scale);
        double[] withMean = [.. withTotal.Select(product => product / n)];
        return QuadraticGame.Values(Semivalue.Shapley(n), Squares(geometry, scale), withTotal, withMean);
    }

    /// <summary>Target alpha = factor * g.</summary>
    public static double[] TowardsGradient(
        RoundGeometry geometry, double[] scale, double[] withTotal, GradientProducts gradient, double factor)
    {
        double[] withAlpha = [.. gradient.Products.Select((product, k) => factor * scale[k] * product)];
        return QuadraticGame.Values(Semivalue.Shapley(geometry.Count), Squares(geometry, scale), withTotal, withAlpha);
    }

    /// <summary>&lt;y_k, sum of all y&gt;.</summary>
    public static double[] WithTotal(RoundGeometry geometry, double[] scale) => Scaled(geometry.WithCombination(scale), scale);

    public static double[] Ones(int count)
    {
        var ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }

    static double[] Scaled(double[] products, double[] scale) => [.. products.Select((product, k) => scale[k] * product)];

    static double[] Squares(RoundGeometry geometry, double[] scale) =>
        [.. geometry.SquaredNorms.Select((square, k) => scale[k] * scale[k] * square)];
}

/// <summary>Gradient Shapley as in the CHG paper: raw updates, target = their mean. Needs no validation data.</summary>
sealed class GradientShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "gradient-shapley", "Gradient Shapley (paper)", "Closeness of the mean update of a coalition to the mean update of all.",
        Axioms.All, "Agreement, not quality. Inverts under heterogeneity: it punishes large updates. A zero update is not a null player.",
        Needs: MethodNeeds.Updates);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation) =>
        new(Estimate.WithoutInterval(Surrogate.TowardsMean(round.Geometry, Surrogate.Ones(round.Count))));
}

/// <summary>Gradient Shapley on updates of norm 1, target = their mean: what is left of it where there is no validation data.</summary>
sealed class AgreementGradientShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "gradient-shapley-agreement", "Gradient Shapley, agreement",
        "Closeness of the mean direction of a coalition to the mean direction of all.",
        Axioms.All, "Agreement, not quality: the majority decides, and whoever copies it is paid like it. Size of the updates does not count.",
        Needs: MethodNeeds.Updates);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation) =>
        new(Estimate.WithoutInterval(Surrogate.TowardsMean(round.Geometry, round.Geometry.UnitCoefficients())));
}

/// <summary>Gradient Shapley on updates of norm 1, target = the unit validation gradient.</summary>
sealed class UnitGradientShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "gradient-shapley-unit", "Gradient Shapley, unit norm",
        "Closeness of the mean direction of a coalition to the downhill direction of the validation loss.",
        Axioms.All, "Size of the updates does not count.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        double[] unit = round.Geometry.UnitCoefficients();
        double[] withTotal = Surrogate.WithTotal(round.Geometry, unit);
        double[] Values(GradientProducts gradient) => Surrogate.TowardsGradient(
            round.Geometry, unit, withTotal, gradient, gradient.Norm > RoundGeometry.NormMin ? 1 / gradient.Norm : 0);
        return new MethodResult(Estimate.FromValidation(
            Values(round.Geometry.Gradient), [.. round.Geometry.GradientReplicates.Select(Values)]));
    }
}

/// <summary>
/// Gradient Shapley with one measured number: the surrogate's curvature 1/kappa is chosen so that it predicts the loss D that the mean
/// update really takes away: kappa = |xbar|^2 / (2 (&lt;xbar, g&gt; - D)), alpha = kappa g, values / (2 kappa). They sum to D.
/// </summary>
sealed class CalibratedGradientShapley : IRoundMethod
{
    /// <summary>Below this the measured drop shows no positive curvature, and the surrogate falls back to its first-order limit.</summary>
    const double CurvatureMin = 1e-9;
    const double FirstOrderKappa = 1e6;

    public MethodInfo Info { get; } = new(
        "gradient-shapley-calibrated", "Gradient Shapley, calibrated",
        "A quadratic model of the validation loss, fitted to the measured effect of the unweighted mean update.",
        Axioms.All, "Sums to the measured gain of the mean update; without positive curvature to its first-order prediction. " +
        "A zero update is not a null player.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count;
        double[] ones = Surrogate.Ones(n);
        double[] withTotal = Surrogate.WithTotal(round.Geometry, ones);
        double meanSquare = n == 0 ? 0 : Sums.Compensated(withTotal) / ((double)n * n);
        double[] Values(GradientProducts gradient, double drop)
        {
            if (n == 0)
                return [];
            double firstOrder = Sums.Compensated([.. gradient.Products]) / n;
            double kappa = firstOrder - drop > CurvatureMin ? meanSquare / (2 * (firstOrder - drop)) : FirstOrderKappa;
            if (kappa <= 0)
                return new double[n]; // the mean update is zero: it takes no loss away
            double[] values = Surrogate.TowardsGradient(round.Geometry, ones, withTotal, gradient, kappa);
            return [.. values.Select(value => value / (2 * kappa))];
        }
        return new MethodResult(Estimate.FromValidation(
            Values(round.Geometry.Gradient, round.Measured.MeanDrop[0]),
            [.. round.Geometry.GradientReplicates.Select((gradient, b) => Values(gradient, round.Measured.MeanDrop[1 + b]))]));
    }
}

/// <summary>
/// CHG Shapley: updates times the hardness l_k, here the validation loss of the participant's own model, measured by the server.
/// </summary>
sealed class ChgShapley(bool unitNorm) : IRoundMethod
{
    public MethodInfo Info { get; } = unitNorm
        ? new("chg-unit", "CHG Shapley, unit norm", "As CHG, on updates of norm 1 times their validation loss.",
            Axioms.All, "Agreement, not quality: finds outliers better than it ranks value.")
        : new("chg", "CHG Shapley (paper)", "Closeness of a coalition's mean of (validation loss times update) to that of all.",
            Axioms.All,
            "Agreement, not quality. Inverts under heterogeneity: it punishes large updates. A zero update is not a null player.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        double[] norms = unitNorm ? round.Geometry.UnitCoefficients() : Surrogate.Ones(round.Count);
        double[] Values(int column) =>
            Surrogate.TowardsMean(round.Geometry, [.. norms.Select((norm, k) => norm * round.Measured.OwnLosses[k][column])]);
        return new MethodResult(Estimate.FromValidation(
            Values(0), [.. Enumerable.Range(1, round.Utility.Columns - 1).Select(Values)]));
    }
}
