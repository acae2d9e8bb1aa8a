using FedValue.Federation.Learning;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Federation.Learning;

/// <summary>
/// PyTorch's SGD in double: g = mean gradient + mu (w - w_round) + decay w; v = g at the first step, then momentum v + g; w = w - rate v.
/// </summary>
static class ReferenceTrainer
{
    public static double[] Train(Network network, TrainingSettings settings, float[] model, LabelledRows rows, RandomStream random)
    {
        double[] weights = [.. model];
        double[]? velocity = null;
        for (int epoch = 0; epoch < settings.LocalEpochs; epoch++)
        {
            foreach (int[] batch in random.NextPermutation(rows.Count).Chunk(settings.BatchSize))
            {
                double[] gradient = ReferenceNetwork.Gradient(network, weights, MadeUp.Select(rows, batch));
                for (int i = 0; i < gradient.Length; i++)
                {
                    double pull = settings.ProximalMu * (weights[i] - model[i]);
                    gradient[i] = gradient[i] / batch.Length + pull + settings.WeightDecay * weights[i];
                }
                velocity = velocity is null ? gradient : [.. velocity.Zip(gradient, (v, g) => settings.Momentum * v + g)];
                for (int i = 0; i < weights.Length; i++)
                    weights[i] -= settings.LearningRate * velocity[i];
            }
        }
        return weights;
    }
}
