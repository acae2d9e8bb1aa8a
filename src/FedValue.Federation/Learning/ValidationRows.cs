using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Learning;

/// <summary>The server's validation rows, cut into the blocks of the jackknife: block b is the rows between the ends of b - 1 and b.</summary>
public sealed class ValidationRows
{
    /// <summary>Rows that are independent of each other: blocks of equal size, give or take one.</summary>
    /// <exception cref="ArgumentException">Fewer rows than blocks.</exception>
    public ValidationRows(LabelledRows rows)
        : this(rows, [.. Enumerable.Range(0, Jackknife.Blocks).Select(block => Jackknife.RowsOf(block, rows.Count).End)])
    {
    }

    /// <summary>Rows with blocks of their own, so that rows which depend on each other may stand in one block.</summary>
    /// <param name="rows">The rows, block by block.</param>
    /// <param name="blockEnds">Where each block ends: 20 ascending numbers, the last one the number of rows; no block is empty.</param>
    /// <exception cref="ArgumentException">The ends are not such numbers.</exception>
    public ValidationRows(LabelledRows rows, int[] blockEnds)
    {
        if (rows.Count < Jackknife.Blocks)
        {
            throw new ArgumentException(
                $"At least {Jackknife.Blocks} validation rows are needed (one per block of the jackknife), but there are {rows.Count}.");
        }
        bool ascending = blockEnds.Length == Jackknife.Blocks && blockEnds[0] > 0 && blockEnds[^1] == rows.Count
            && blockEnds.Zip(blockEnds.Skip(1)).All(pair => pair.First < pair.Second);
        if (!ascending)
        {
            throw new ArgumentException($"{Jackknife.Blocks} blocks of {rows.Count} validation rows end at ascending rows, " +
                $"the last at {rows.Count}, but these came: {string.Join(", ", blockEnds)}.");
        }
        Rows = rows;
        BlockEnds = blockEnds;
    }

    /// <summary>The rows, block by block.</summary>
    public LabelledRows Rows { get; }

    /// <summary>Where each block ends.</summary>
    public IReadOnlyList<int> BlockEnds { get; }

    /// <summary>The rows first .. end - 1 of a block.</summary>
    public (int First, int End) RowsOf(int block) => (block == 0 ? 0 : BlockEnds[block - 1], BlockEnds[block]);

    /// <summary>
    /// The rows as a blob: F32 <c>features</c> [rows, width], I64 <c>labels</c> [rows], and I64 <c>block_ends</c> [20] where the blocks are not
    /// the equal ones.
    /// </summary>
    public byte[] ToBlob()
    {
        List<Tensor> tensors =
        [
            Tensor.OfSingles("features", [Rows.Count, Rows.Width], Rows.Features),
            Tensor.OfInt64s("labels", [Rows.Count], [.. Rows.Labels.Select(label => (long)label)]),
        ];
        if (!BlockEnds.SequenceEqual(new ValidationRows(Rows).BlockEnds))
            tensors.Add(Tensor.OfInt64s("block_ends", [Jackknife.Blocks], [.. BlockEnds.Select(end => (long)end)]));
        return SafetensorsWriter.Write(tensors);
    }

    /// <summary>Reads the blob back.</summary>
    /// <exception cref="FormatException">The tensors are not those of a validation blob.</exception>
    public static ValidationRows FromBlob(byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        if (!file.TryGet("features", out Tensor? features) || !file.TryGet("labels", out Tensor? labels)
            || features is not { Type: TensorType.F32, Shape.Length: 2 } || labels is not { Type: TensorType.I64, Shape.Length: 1 }
            || labels.Count != features.Shape[0])
        {
            throw new FormatException("A validation blob holds F32 'features' [rows, width] and I64 'labels' [rows]; this one does not.");
        }
        var rows = new LabelledRows((int)features.Shape[1], features.AsSingles(), Array.ConvertAll(labels.AsInt64s(), Class));
        try
        {
            if (!file.TryGet("block_ends", out Tensor? ends))
                return new ValidationRows(rows);
            if (ends is not { Type: TensorType.I64, Shape.Length: 1 })
                throw new FormatException($"The 'block_ends' of a validation blob are I64 [{Jackknife.Blocks}]; these are not.");
            return new ValidationRows(rows, Array.ConvertAll(ends.AsInt64s(), end => (int)Math.Clamp(end, -1, int.MaxValue)));
        }
        catch (ArgumentException wrong)
        {
            throw new FormatException(wrong.Message, wrong);
        }

        static int Class(long label) => label is >= 0 and <= int.MaxValue
            ? (int)label
            : throw new FormatException($"The labels of a validation blob are classes from 0 on, but {label} came.");
    }
}
