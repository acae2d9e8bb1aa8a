using FedValue.Federation.Learning;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>What a coalition's model is measured by. Higher is better: a loss is negated here, once.</summary>
public enum UtilityKind
{
    /// <summary>Minus the mean cross-entropy on the validation rows, in nats.</summary>
    ValidationLoss,

    /// <summary>The share of validation rows classified correctly.</summary>
    ValidationAccuracy,
}

/// <summary>Names and columns of utilities.</summary>
public static class Utilities
{
    /// <summary>The kinds by the names they have on the command line and on the ledger.</summary>
    public static IReadOnlyDictionary<string, UtilityKind> Known { get; } = new Dictionary<string, UtilityKind>
    {
        ["validation-loss"] = UtilityKind.ValidationLoss,
        ["validation-accuracy"] = UtilityKind.ValidationAccuracy,
    };

    /// <summary>The name on the ledger where there are no validation rows and nothing is measured.</summary>
    public const string None = "none";

    /// <summary>1 + the number of validation blocks: the utility on all rows, then without each block.</summary>
    public const int Columns = 1 + Jackknife.Blocks;

    /// <summary>Mean validation loss on all rows, then without each block.</summary>
    public static double[] Losses(ValidationSet validation, ValidationScore score)
    {
        double total = 0;
        foreach (double loss in score.Losses)
            total += loss;
        var columns = new double[Columns];
        columns[0] = total / validation.Rows.Count;
        for (int b = 0; b < Jackknife.Blocks; b++)
            columns[1 + b] = (total - score.Losses[b]) / (validation.Rows.Count - validation.RowsIn(b));
        return columns;
    }

    /// <summary>Share of rows classified correctly, on all rows, then without each block.</summary>
    public static double[] Accuracies(ValidationSet validation, ValidationScore score)
    {
        int total = 0;
        foreach (int correct in score.Correct)
            total += correct;
        var columns = new double[Columns];
        columns[0] = (double)total / validation.Rows.Count;
        for (int b = 0; b < Jackknife.Blocks; b++)
            columns[1 + b] = (double)(total - score.Correct[b]) / (validation.Rows.Count - validation.RowsIn(b));
        return columns;
    }

    /// <summary>
    /// The utility's columns of a scored model. A model without a finite loss has diverged: its accuracy is NaN too, because the class it
    /// seems to predict means nothing.
    /// </summary>
    public static double[] Of(UtilityKind kind, ValidationSet validation, ValidationScore score)
    {
        if (kind == UtilityKind.ValidationLoss)
            return Array.ConvertAll(Losses(validation, score), loss => -loss);
        double[] accuracies = Accuracies(validation, score);
        if (!score.Losses.All(double.IsFinite))
            Array.Fill(accuracies, double.NaN);
        return accuracies;
    }
}
