namespace FedValue.Valuation.Methods;

/// <summary>
/// What can be measured about a round beyond its geometry and its utility. Every property is measured when it is first read and remembered,
/// so a round costs what its methods look at. Columns are those of the utility: on all validation rows, then without each block.
/// </summary>
public interface IRoundMeasurements
{
    /// <summary>Validation losses of the participants' own local models, n x columns.</summary>
    IReadOnlyList<double[]> OwnLosses { get; }

    /// <summary>The validation loss that the unweighted mean update takes away, one number per column.</summary>
    IReadOnlyList<double> MeanDrop { get; }

    /// <summary>The validation loss that FedAvg's weighted mean update takes away, one number per column.</summary>
    IReadOnlyList<double> WeightedDrop { get; }

    /// <summary>Validation losses of the model that FedAvg makes of all updates but that of k, n x columns.</summary>
    IReadOnlyList<double[]> LossesWithout { get; }

    /// <summary>&lt;x_k, H sum_j p_j x_j&gt; with the Hessian H of the mean validation loss at the base model, columns x n.</summary>
    IReadOnlyList<double[]> CurvatureProducts { get; }

    /// <summary>The updates of the last layer, class by class: weights and bias of one logit each.</summary>
    IReadOnlyList<ClassProducts> LastLayer { get; }
}

/// <summary>The part x_kc of the updates that belongs to the logit of one class.</summary>
/// <param name="Squares">|x_kc|^2, n numbers.</param>
/// <param name="WithMean">&lt;x_kc, sum_j p_j x_jc&gt;, n numbers.</param>
public sealed record ClassProducts(IReadOnlyList<double> Squares, IReadOnlyList<double> WithMean);
