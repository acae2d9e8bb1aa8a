using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Protocol;

public sealed class DamagedFileTests
{
    static readonly byte[] Valid = SafetensorsWriter.Write(
        [
            Tensor.OfSingles("layer.weight", [2, 3], [1, 2, 3, 4, 5, 6]),
            Tensor.OfDoubles("layer.bias\n\u00e9", [], [7]),
            Tensor.OfInt64s("empty", [0], []),
            Tensor.OfInt64s("count", [1], [8]),
        ],
        new Dictionary<string, string> { ["format"] = "pt" });

    static readonly int HeaderEnd = SafetensorsHeader.Parse(Valid).DataStart;

    [Fact]
    public void Every_truncation_is_refused()
    {
        Assert.Equal(4, SafetensorsFile.Read(Valid).Tensors.Length);
        for (int length = 0; length < Valid.Length; length++)
        {
            SafetensorsRule expected = length < 8 ? SafetensorsRule.HeaderTooSmall
                : length < HeaderEnd ? SafetensorsRule.InvalidHeaderLength
                : SafetensorsRule.MetadataIncompleteBuffer;
            Assert.Equal(expected, RawFile.RuleBrokenBy(Valid[..length]));
        }
    }

    [Fact]
    public void Every_flipped_bit_of_the_length_is_refused()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            byte[] damaged = [.. Valid];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Read(damaged));
        }
    }

    [Fact]
    public void Random_bytes_in_the_header_give_a_refusal_or_a_consistent_file_and_never_another_exception()
    {
        var random = new Random(20261122);
        int refused = 0, read = 0;
        for (int trial = 0; trial < 20_000; trial++)
        {
            byte[] damaged = [.. Valid];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(HeaderEnd)] = Likely(random);
            try
            {
                Assert.Equal(Valid.Length, Extent(SafetensorsFile.Read(damaged)));
                read++;
            }
            catch (SafetensorsException)
            {
                refused++;
            }
        }

        // Both happen: a letter of a name may change, a brace may not.
        Assert.InRange(refused, 10_000, 19_999);
        Assert.InRange(read, 1, 10_000);
    }

    static int Extent(SafetensorsFile file) => file.Header.DataStart + file.Tensors.Sum(tensor => tensor.Bytes.Length);

    /// <summary>Half of the bytes from the alphabet of headers, so that damage gets past the first check.</summary>
    static byte Likely(Random random)
    {
        ReadOnlySpan<byte> alphabet = "{}[]\",:\\0123456789-.eE u"u8;
        return random.Next(2) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
    }
}
