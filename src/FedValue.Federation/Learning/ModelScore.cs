using FedValue.Kernels;

namespace FedValue.Federation.Learning;

/// <summary>A model measured on any rows.</summary>
public static class ModelScore
{
    /// <summary>Mean cross-entropy in nats and the share of rows classified correctly, over 1 or more rows in their order.</summary>
    public static (double Loss, double Accuracy) Mean(Network network, LabelledRows rows, float[] model)
    {
        var pass = new NetworkPass(network);
        pass.Load(model);
        double loss = 0;
        int correct = 0;
        for (int first = 0; first < rows.Count; first += NetworkPass.RowsMax)
        {
            int count = Math.Min(NetworkPass.RowsMax, rows.Count - first);
            pass.Forward(rows.Features.AsSpan(first * rows.Width, count * rows.Width), count);
            for (int i = 0; i < count; i++)
            {
                int label = rows.Labels[first + i];
                loss += CrossEntropy.Loss(pass.Logits(i), label);
                if (CrossEntropy.Predicted(pass.Logits(i)) == label)
                    correct++;
            }
        }
        return (loss / rows.Count, (double)correct / rows.Count);
    }
}
