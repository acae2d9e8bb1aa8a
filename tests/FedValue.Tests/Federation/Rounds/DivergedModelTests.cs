using FedValue.Contracts.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;

namespace FedValue.Tests.Federation.Rounds;

public sealed class DivergedModelTests
{
    [Theory]
    [InlineData(UtilityKind.ValidationLoss)]
    [InlineData(UtilityKind.ValidationAccuracy)]
    public void A_model_that_diverged_has_no_utility(UtilityKind kind)
    {
        var validation = new ValidationSet(TinyFederation.Network, new ValidationRows(TinyFederation.Validation()));
        float[] weights = TinyFederation.Network.Initialize(1);
        Assert.All(Utilities.Of(kind, validation, validation.Score(weights)), utility => Assert.True(double.IsFinite(utility)));

        // Finite weights whose logits overflow: the class they seem to predict means nothing.
        Array.Fill(weights, float.MaxValue);
        weights[0] = -float.MaxValue;
        Assert.DoesNotContain(Utilities.Of(kind, validation, validation.Score(weights)), double.IsFinite);
    }
}
