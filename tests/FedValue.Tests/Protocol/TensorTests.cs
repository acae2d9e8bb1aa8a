using FedValue.Protocol;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class TensorTests
{
    [Fact]
    public void Numbers_are_little_endian_bytes()
    {
        Assert.Equal("000080BF", Convert.ToHexString(Tensor.OfSingles("a", [], [-1f]).Bytes.Span));
        Assert.Equal("000000000000F03F", Convert.ToHexString(Tensor.OfDoubles("a", [1], [1d]).Bytes.Span));
        Assert.Equal("0201000000000000", Convert.ToHexString(Tensor.OfInt64s("a", [1, 1], [258]).Bytes.Span));
    }

    [Fact]
    public void Every_bit_comes_back()
    {
        float[] singles = [0f, -0f, float.Epsilon, float.NaN, BitConverter.Int32BitsToSingle(0x7fc00123), float.NegativeInfinity];
        double[] doubles = [-0d, double.Epsilon, BitConverter.Int64BitsToDouble(0x7ff8000000000123), double.MaxValue];
        Assert.Equal(
            singles.Select(BitConverter.SingleToInt32Bits),
            Tensor.OfSingles("a", [2, 3], singles).AsSingles().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(
            doubles.Select(BitConverter.DoubleToInt64Bits),
            Tensor.OfDoubles("a", [4], doubles).AsDoubles().Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal([long.MinValue, 7], Tensor.OfInt64s("a", [2], [long.MinValue, 7]).AsInt64s());
    }

    [Fact]
    public void Nothing_is_converted()
    {
        Tensor singles = Tensor.OfSingles("w", [1], [1f]);
        Assert.Contains("'w'", Assert.Throws<InvalidOperationException>(singles.AsDoubles).Message);
        Assert.Throws<InvalidOperationException>(singles.AsInt64s);
        Assert.Throws<InvalidOperationException>(Tensor.OfDoubles("w", [1], [1d]).AsSingles);
    }

    [Fact]
    public void Copies_are_independent_of_their_source()
    {
        float[] values = [1f];
        Tensor tensor = Tensor.OfSingles("a", [1], values);
        values[0] = 2f;
        tensor.AsSingles()[0] = 3f;
        Assert.Equal([1f], tensor.AsSingles());
    }

    [Fact]
    public void A_tensor_needs_a_name_a_file_can_have()
    {
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("__metadata__", [], [1f]));
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("a\ud800", [], [1f]));
    }

    [Fact]
    public void A_tensor_needs_the_bytes_its_shape_asks_for()
    {
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("a", [2, 2], [1f, 2f]));
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("a", [], []));
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("a", [-1, -1], [1f]));
        Assert.Throws<ArgumentException>(() => Tensor.OfSingles("a", default, [1f]));
        Assert.Throws<ArgumentException>(() => new Tensor("a", TensorType.U8, [long.MaxValue, 2], new byte[2]));
    }

    [Fact]
    public void Widths_are_those_of_the_format()
    {
        Assert.Equal(1 + 1 + 1 + 5, Enum.GetValues<TensorType>().Count(type => type.Width() == 1));
        Assert.Equal(["I16", "U16", "F16", "BF16"], OfWidth(2));
        Assert.Equal(["I32", "U32", "F32"], OfWidth(4));
        Assert.Equal(["C64", "F64", "I64", "U64"], OfWidth(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((TensorType)99).Width());
    }

    [Fact]
    public void A_big_endian_machine_reverses_each_element()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        LittleEndian.Swap(bytes, 2);
        Assert.Equal<byte>([4, 3, 2, 1, 8, 7, 6, 5], bytes);
        LittleEndian.Swap([], 0);
    }

    static IEnumerable<string> OfWidth(int width) =>
        Enum.GetValues<TensorType>().Where(type => type.Width() == width).Select(type => type.ToString());
}
