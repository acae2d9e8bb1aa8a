namespace FedValue.Kernels;

/// <summary>
/// Softmax cross-entropy of one row of fp32 logits: the loss from fp32 exponentials, summed in double; the gradient in double throughout,
/// rounded at the end.
/// </summary>
public static class CrossEntropy
{
    const int OnStackMax = 256;

    /// <summary>
    /// The loss -log softmax(logits)[label] in nats; 0 or more. A difference d to the largest logit is rounded to fp32 and its exponential is within
    /// 1.1 ulp, so the loss is off by less than 1.3e-7 (1 + |d|), averaged over the classes by their probabilities: less than fp32 logits are.
    /// </summary>
    /// <param name="logits">One per class.</param>
    /// <param name="label">The true class.</param>
    public static double Loss(ReadOnlySpan<float> logits, int label)
    {
        float largest = logits[Predicted(logits)];
        Span<float> exponentials = logits.Length <= OnStackMax ? stackalloc float[logits.Length] : new float[logits.Length];
        for (int i = 0; i < logits.Length; i++)
            exponentials[i] = logits[i] - largest;
        SingleExponential.Of(exponentials);
        double sum = 0;
        foreach (float exponential in exponentials)
            sum += exponential;
        return Elementary.Log(sum) - ((double)logits[label] - largest);
    }

    /// <summary>The gradient of the loss by the logits, times a factor: scale * (softmax - onehot(label)).</summary>
    /// <param name="logits">One per class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="scale">Usually 1 / rows.</param>
    /// <param name="gradient">Receives one number per class, rounded to fp32.</param>
    public static void Gradient(ReadOnlySpan<float> logits, int label, double scale, Span<float> gradient)
    {
        double largest = logits[Predicted(logits)];
        int padded = Padded(logits.Length);
        Span<double> exponentials = padded <= OnStackMax ? stackalloc double[padded] : new double[padded];
        double sum = Exponentials(logits, largest, exponentials);
        for (int i = 0; i < logits.Length; i++)
            gradient[i] = (float)(scale * (exponentials[i] / sum - (i == label ? 1 : 0)));
    }

    /// <summary>The class of the largest logit; the lowest such class on a tie.</summary>
    public static int Predicted(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }
        return best;
    }

    /// <summary>Fills in e^(logit - largest), then zeros' exponentials up to whole vectors; the sum of the former in ascending order.</summary>
    static double Exponentials(ReadOnlySpan<float> logits, double largest, Span<double> exponentials)
    {
        for (int i = 0; i < logits.Length; i++)
            exponentials[i] = logits[i] - largest;
        Elementary.Exp(exponentials, exponentials);
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
            sum += exponentials[i];
        return sum;
    }

    static int Padded(int length) => (length + Elementary.Lanes - 1) / Elementary.Lanes * Elementary.Lanes;
}
