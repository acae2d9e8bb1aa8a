namespace FedValue.Federation.Learning;

/// <summary>Rows a model learns from or is measured on: standardized fp32 features (count x width, row-major), a class per row.</summary>
public sealed class LabelledRows
{
    /// <summary>Wraps the arrays; nothing is copied.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public LabelledRows(int width, float[] features, int[] labels)
    {
        if (features.Length != (long)width * labels.Length)
        {
            throw new ArgumentException(
                $"{labels.Length} rows of {width} features need {(long)width * labels.Length} numbers, but {features.Length} came.");
        }
        Width = width;
        Features = features;
        Labels = labels;
    }

    /// <summary>Features per row.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Count => Labels.Length;

    /// <summary>count x width, row-major.</summary>
    public float[] Features { get; }

    /// <summary>One class 0 .. classes - 1 per row.</summary>
    public int[] Labels { get; }

    /// <summary>The features of one row.</summary>
    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Width, Width);
}
