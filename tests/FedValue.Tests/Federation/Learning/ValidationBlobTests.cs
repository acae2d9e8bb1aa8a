using FedValue.Federation.Learning;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Federation.Learning;

public class ValidationBlobTests
{
    [Fact]
    public void Rows_come_back_from_their_blob_bit_for_bit()
    {
        Network network = MadeUp.Network("softmax", features: 5, classes: 3);
        LabelledRows rows = MadeUp.Rows(5, 3, 23);
        rows.Features[0] = -0f;
        var set = new ValidationSet(network, rows);
        LabelledRows back = ValidationSet.RowsFromBlob(set.ToBlob());
        Assert.Equal((5, 23), (back.Width, back.Count));
        Assert.Equal(Bits.Of(rows.Features), Bits.Of(back.Features));
        Assert.Equal(rows.Labels, back.Labels);
        Assert.Equal(set.ToBlob(), new ValidationSet(network, back).ToBlob());
    }

    [Fact]
    public void A_blob_with_other_tensors_is_refused()
    {
        Tensor features = Tensor.OfSingles("features", [2, 3], new float[6]), labels = Tensor.OfInt64s("labels", [2], [0, 1]);
        Assert.Equal(2, ValidationSet.RowsFromBlob(SafetensorsWriter.Write([features, labels])).Count);
        Refused(features);
        Refused(labels);
        Refused(Tensor.OfDoubles("features", [2, 3], new double[6]), labels);
        Refused(Tensor.OfSingles("features", [6], new float[6]), labels);
        Refused(Tensor.OfSingles("features", [3, 2], new float[6]), labels);
        Refused(features, Tensor.OfInt64s("labels", [2, 1], [0, 1]));
        Refused(features, Tensor.OfSingles("labels", [2], [0, 1]));

        static void Refused(params Tensor[] tensors) => Assert.Equal(
            "A validation blob holds F32 'features' [rows, width] and I64 'labels' [rows]; this one does not.",
            Assert.Throws<FormatException>(() => ValidationSet.RowsFromBlob(SafetensorsWriter.Write(tensors))).Message);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L << 31)]
    public void A_label_that_is_no_class_is_refused(long label)
    {
        byte[] blob = SafetensorsWriter.Write(
            [Tensor.OfSingles("features", [2, 1], new float[2]), Tensor.OfInt64s("labels", [2], [0, label])]);
        FormatException refused = Assert.Throws<FormatException>(() => ValidationSet.RowsFromBlob(blob));
        Assert.Equal($"The labels of a validation blob are classes from 0 on, but {label} came.", refused.Message);
    }

    [Fact]
    public void Bytes_that_are_no_file_are_refused() =>
        Assert.Throws<SafetensorsException>(() => ValidationSet.RowsFromBlob([1, 2, 3]));
}
