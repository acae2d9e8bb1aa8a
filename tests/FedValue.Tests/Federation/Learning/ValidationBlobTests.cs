using FedValue.Federation.Learning;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Federation.Learning;

public class ValidationBlobTests
{
    [Fact]
    public void Rows_come_back_from_their_blob_bit_for_bit()
    {
        LabelledRows rows = MadeUp.Rows(5, 3, 23);
        rows.Features[0] = -0f;
        var blocks = new ValidationRows(rows);
        ValidationRows again = ValidationRows.FromBlob(blocks.ToBlob());
        LabelledRows back = again.Rows;
        Assert.Equal((5, 23), (back.Width, back.Count));
        Assert.Equal(blocks.BlockEnds, again.BlockEnds);
        Assert.Equal(Bits.Of(rows.Features), Bits.Of(back.Features));
        Assert.Equal(rows.Labels, back.Labels);
        Assert.Equal(blocks.ToBlob(), again.ToBlob());
    }

    [Fact]
    public void Blocks_of_equal_size_are_not_written_and_others_come_back()
    {
        LabelledRows rows = MadeUp.Rows(5, 3, 41);
        Assert.False(SafetensorsFile.Read(new ValidationRows(rows).ToBlob()).TryGet("block_ends", out _));
        int[] ends = [5, .. Enumerable.Range(6, 18), 41];
        var blocks = new ValidationRows(rows, ends);
        Assert.Equal(ends, ValidationRows.FromBlob(blocks.ToBlob()).BlockEnds);
        Assert.Equal((0, 5), blocks.RowsOf(0));
        Assert.Equal((5, 6), blocks.RowsOf(1));
        Assert.Equal((23, 41), blocks.RowsOf(19));
    }

    [Fact]
    public void Blocks_that_do_not_cut_the_rows_are_refused()
    {
        LabelledRows rows = MadeUp.Rows(5, 3, 40);
        foreach (int[] ends in (int[][])[
            [.. Enumerable.Range(1, 20)], // the last 20 rows in no block
            [.. Enumerable.Range(0, 19), 40], // an empty block
            [.. Enumerable.Range(1, 18), 18, 40],
            [.. Enumerable.Range(1, 20), 40],
            [40]])
        {
            Assert.StartsWith("20 blocks of 40 validation rows end at ascending rows, the last at 40, but these came: ",
                Assert.Throws<ArgumentException>(() => new ValidationRows(rows, ends)).Message);
            Tensor[] tensors =
            [
                Tensor.OfSingles("features", [40, 5], rows.Features), Tensor.OfInt64s("labels", [40], new long[40]),
                Tensor.OfInt64s("block_ends", [ends.Length], [.. ends.Select(end => (long)end)]),
            ];
            Assert.Throws<FormatException>(() => ValidationRows.FromBlob(SafetensorsWriter.Write(tensors)));
        }
    }

    [Fact]
    public void Fewer_rows_than_blocks_are_refused()
    {
        const string sentence = "At least 20 validation rows are needed (one per block of the jackknife), but there are 19.";
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => new ValidationRows(MadeUp.Rows(5, 3, 19))).Message);
        Tensor features = Tensor.OfSingles("features", [19, 1], new float[19]), labels = Tensor.OfInt64s("labels", [19], new long[19]);
        Assert.Equal(sentence, Assert.Throws<FormatException>(
            () => ValidationRows.FromBlob(SafetensorsWriter.Write([features, labels]))).Message);
    }

    [Fact]
    public void A_blob_with_other_tensors_is_refused()
    {
        Tensor features = Tensor.OfSingles("features", [20, 3], new float[60]), labels = Tensor.OfInt64s("labels", [20], new long[20]);
        Assert.Equal(20, ValidationRows.FromBlob(SafetensorsWriter.Write([features, labels])).Rows.Count);
        Refused(features);
        Refused(labels);
        Refused(Tensor.OfDoubles("features", [20, 3], new double[60]), labels);
        Refused(Tensor.OfSingles("features", [60], new float[60]), labels);
        Refused(Tensor.OfSingles("features", [30, 2], new float[60]), labels);
        Refused(features, Tensor.OfInt64s("labels", [20, 1], new long[20]));
        Refused(features, Tensor.OfSingles("labels", [20], new float[20]));

        static void Refused(params Tensor[] tensors) => Assert.Equal(
            "A validation blob holds F32 'features' [rows, width] and I64 'labels' [rows]; this one does not.",
            Assert.Throws<FormatException>(() => ValidationRows.FromBlob(SafetensorsWriter.Write(tensors))).Message);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L << 31)]
    public void A_label_that_is_no_class_is_refused(long label)
    {
        byte[] blob = SafetensorsWriter.Write(
            [Tensor.OfSingles("features", [2, 1], new float[2]), Tensor.OfInt64s("labels", [2], [0, label])]);
        FormatException refused = Assert.Throws<FormatException>(() => ValidationRows.FromBlob(blob));
        Assert.Equal($"The labels of a validation blob are classes from 0 on, but {label} came.", refused.Message);
    }

    [Fact]
    public void Bytes_that_are_no_file_are_refused() =>
        Assert.Throws<SafetensorsException>(() => ValidationRows.FromBlob([1, 2, 3]));
}
