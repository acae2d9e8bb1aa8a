using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class CrossEntropyTests
{
    /// <summary>
    /// A difference d of logits is rounded to fp32 and its exponential is within 1.1 ulp (at most 2^-23 of it), so an exponential is off by at most
    /// e^d (|d| 2^-24 + 1.1 * 2^-23), and a loss by at most the sum of these by the sum of all.
    /// </summary>
    static double LossTolerance(float[] logits)
    {
        double largest = logits.Max();
        double off = logits.Sum(logit => Math.Exp(logit - largest) * ((largest - logit) * Math.ScaleB(1, -24) + 1.1 * Math.ScaleB(1, -23)));
        return off / logits.Sum(logit => Math.Exp(logit - largest)) + 1e-13;
    }

    /// <summary>The gradient is rounded to fp32 once: half an ulp of a number up to 1, and the double error beside it.</summary>
    const double GradientTolerance = 6.0e-8;

    static float[] Logits(int classes, uint name) => Array.ConvertAll(Samples.Singles(classes, name), logit => Math.Clamp(logit, -30, 30));

    static (double Loss, double[] Softmax) Plain(float[] logits, int label)
    {
        double largest = logits.Max();
        double[] exponentials = [.. logits.Select(logit => Math.Exp(logit - largest))];
        double sum = exponentials.Sum();
        return (Math.Log(sum) - (logits[label] - largest), [.. exponentials.Select(e => e / sum)]);
    }

    [Fact]
    public void Loss_and_gradient_are_those_of_the_formula_for_every_number_of_classes()
    {
        for (int classes = 1; classes <= 300; classes++)
        {
            float[] logits = Logits(classes, (uint)classes), gradient = new float[classes];
            int label = classes / 3;
            (double loss, double[] softmax) = Plain(logits, label);
            double actual = CrossEntropy.Loss(logits, label);
            Assert.True(Math.Abs(loss - actual) <= LossTolerance(logits), $"{classes} classes: {actual:R}, not {loss:R}.");
            CrossEntropy.Gradient(logits, label, 1, gradient);
            for (int i = 0; i < classes; i++)
                Assert.Equal(softmax[i] - (i == label ? 1 : 0), gradient[i], GradientTolerance);
        }
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        float[] logits = Logits(7, 1), gradient = new float[7];
        CrossEntropy.Gradient(logits, 2, 1, gradient);
        const float step = 1f / 512; // exact in fp32 beside logits of this size; the error of a central difference is about step^2
        for (int i = 0; i < 7; i++)
        {
            float[] up = [.. logits], down = [.. logits];
            up[i] += step;
            down[i] -= step;
            double slope = (CrossEntropy.Loss(up, 2) - CrossEntropy.Loss(down, 2)) / ((double)up[i] - down[i]);
            Assert.Equal(slope, gradient[i], 1e-5);
        }
    }

    [Fact]
    public void A_scale_multiplies_the_gradient()
    {
        float[] logits = Logits(10, 2), one = new float[10], quarter = new float[10];
        CrossEntropy.Gradient(logits, 3, 1, one);
        CrossEntropy.Gradient(logits, 3, 0.25, quarter);
        Bits.Equal(Array.ConvertAll(one, value => value / 4), quarter, "a quarter of the gradient"); // a power of two is exact
    }

    [Fact]
    public void The_loss_is_never_negative_and_zero_where_there_is_no_doubt()
    {
        Assert.Equal(0, CrossEntropy.Loss([3.5f], 0));
        Assert.Equal(0, CrossEntropy.Loss([1000f, -1000f], 0));
        Assert.Equal(2000, CrossEntropy.Loss([1000f, -1000f], 1));
        Assert.Equal(0, CrossEntropy.Loss([0, float.NegativeInfinity], 0));
        for (uint name = 0; name < 1000; name++)
            Assert.True(CrossEntropy.Loss(Samples.Singles(5, name), 2) >= 0);
    }

    [Fact]
    public void The_largest_logits_do_not_overflow()
    {
        float[] logits = [float.MaxValue, float.MaxValue, -float.MaxValue], gradient = new float[3];
        Assert.Equal(Elementary.Log(2), CrossEntropy.Loss(logits, 0));
        CrossEntropy.Gradient(logits, 0, 1, gradient);
        Assert.Equal([-0.5f, 0.5f, 0], gradient);
    }

    [Fact]
    public void A_NaN_or_infinite_logit_gives_a_loss_that_is_not_finite()
    {
        for (int position = 0; position < 4; position++)
        {
            for (int label = 0; label < 4; label++)
            {
                foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
                {
                    float[] logits = [1, 2, 3, 4], gradient = new float[4];
                    logits[position] = bad;
                    Assert.False(double.IsFinite(CrossEntropy.Loss(logits, label)), $"{bad} at {position}, label {label}");
                    CrossEntropy.Gradient(logits, label, 1, gradient);
                    Assert.Contains(gradient, value => !float.IsFinite(value));
                }
            }
        }
    }

    [Fact]
    public void The_predicted_class_is_the_first_of_the_largest()
    {
        Assert.Equal(0, CrossEntropy.Predicted([1f]));
        Assert.Equal(2, CrossEntropy.Predicted([1f, 2f, 3f]));
        Assert.Equal(1, CrossEntropy.Predicted([1f, 3f, 3f, 2f]));
        Assert.Equal(0, CrossEntropy.Predicted([0f, -0f]));
    }
}
