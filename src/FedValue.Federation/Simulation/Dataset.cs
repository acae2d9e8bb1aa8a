namespace FedValue.Federation.Simulation;

/// <summary>A table of examples as it was read: raw features, classes, and who or what each row belongs to.</summary>
public sealed class Dataset
{
    /// <summary>Its name, or <c>csv</c>; never a path.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the file it was read from, in hex; of several files, that of their digests in hex, a line each.</summary>
    public required string Digest { get; init; }

    /// <summary>Features per row.</summary>
    public required int Width { get; init; }

    /// <summary>Raw features (rows x width, row-major), all finite.</summary>
    public required double[] Features { get; init; }

    /// <summary>One class 0 .. classes - 1 per row.</summary>
    public required int[] Labels { get; init; }

    /// <summary>The classes' names.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Which participant holds each row, where the table says so.</summary>
    public IReadOnlyList<string>? Participants { get; init; }

    /// <summary>
    /// Which group each row belongs to, where the table says so; a group is never split between training, validation and test.
    /// </summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>
    /// Whether a row validates or tests, where the data set itself says so: all others train. Of participants' rows, whole participants are
    /// held out, and none is split between validation and test.
    /// </summary>
    public IReadOnlyList<bool>? HeldOut { get; init; }

    /// <summary>The number of rows.</summary>
    public int Count => Labels.Length;
}
