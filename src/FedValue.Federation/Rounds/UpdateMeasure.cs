using System.Globalization;
using FedValue.Federation.Learning;

namespace FedValue.Federation.Rounds;

/// <summary>Whether the model that an update is can be measured on the validation rows, alone and averaged with others that can.</summary>
static class UpdateMeasure
{
    /// <summary>
    /// The largest logit that weights of an update may reach, whatever their signs: an average of such models reaches no larger one, and single
    /// precision leaves room for the sums over examples by which averages are formed.
    /// </summary>
    const double LogitMax = 1e30;

    const string FiniteLoss = "a finite loss on the validation rows";

    /// <summary>What is wrong with an update's d weights; null: nothing, or there is nothing to measure them on.</summary>
    public static UpdateFault? Problem(FederationSetup setup, float[] weights)
    {
        if (setup.Validation is not { } validation)
            return null;
        double loss = setup.LossOf(weights)!();
        if (!double.IsFinite(loss))
        {
            return Fault(string.Create(
                CultureInfo.InvariantCulture, $"Expected weights whose model has a finite loss on the validation rows, but it is {loss}."),
                FiniteLoss, UpdateBlame.Text($"{loss}"));
        }
        float largest = weights.Max(Math.Abs);
        double reach = Reach(validation, largest);
        return reach <= LogitMax ? null : Fault(string.Create(CultureInfo.InvariantCulture,
            $"Expected weights whose model has a finite loss on the validation rows, also averaged with others, but it is not sure to be finite ")
            + string.Create(CultureInfo.InvariantCulture, $"with weights of up to {largest}: a logit can reach {reach}."),
            UpdateBlame.Text($"logits up to {LogitMax}"), UpdateBlame.Text($"{reach}"));
    }

    /// <summary>No logit is larger in magnitude on any of the rows when no weight and no bias is.</summary>
    static double Reach(ValidationSet validation, double largest)
    {
        double reach = validation.LargestFeature;
        foreach (DenseLayer layer in validation.Network.Layers)
            reach = (layer.Inputs * reach + 1) * largest;
        return reach;
    }

    static UpdateFault Fault(string detail, string expected, string came) =>
        new("not-measurable", detail, new UpdateBlame(UpdatePart.Body, expected, came));
}
