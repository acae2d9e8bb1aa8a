namespace FedValue.Federation.Learning;

/// <summary>
/// How a participant trains: mini-batch SGD, as PyTorch's <c>SGD(lr, momentum, weight_decay)</c>, on the cross-entropy and, with FedProx
/// (Li et al. 2020), mu/2 ||w - w_round||^2.
/// </summary>
/// <param name="LearningRate">Positive and finite.</param>
/// <param name="BatchSize">Rows per step, 1 or more; the last batch of an epoch may be smaller.</param>
/// <param name="Momentum">0 or more, below 1; starts anew every round.</param>
/// <param name="WeightDecay">0 or more.</param>
/// <param name="LocalEpochs">Passes over the participant's rows per round, 1 or more.</param>
/// <param name="ProximalMu">FedProx's mu, 0 or more; 0 is plain SGD.</param>
public sealed record TrainingSettings(
    double LearningRate = 0.1, int BatchSize = 32, double Momentum = 0, double WeightDecay = 0, int LocalEpochs = 1, double ProximalMu = 0)
{
    /// <summary>What is wrong, as a sentence; null when nothing is.</summary>
    public string? Problem() =>
        !(LearningRate > 0 && double.IsFinite(LearningRate)) ? $"The learning rate must be a positive number, but {LearningRate} came."
        : BatchSize < 1 ? $"The batch size must be 1 or more, but {BatchSize} came."
        : !(Momentum >= 0 && Momentum < 1) ? $"The momentum must be 0 or more and below 1, but {Momentum} came."
        : !(WeightDecay >= 0 && double.IsFinite(WeightDecay)) ? $"The weight decay must be a number of 0 or more, but {WeightDecay} came."
        : LocalEpochs < 1 ? $"At least 1 local epoch is needed, but {LocalEpochs} came."
        : !(ProximalMu >= 0 && double.IsFinite(ProximalMu)) ? $"The proximal mu must be a number of 0 or more, but {ProximalMu} came."
        : null;
}
