using FedValue.Protocol.Safetensors;
using static FedValue.Protocol.Safetensors.SafetensorsRule;

namespace FedValue.Tests.Protocol;

public sealed class SafetensorsRuleTests
{
    static readonly (SafetensorsRule Rule, string Why, byte[] File)[] Cases =
    [
        (HeaderTooSmall, "seven bytes", new byte[7]),
        (HeaderTooLarge, "one byte over the limit", RawFile.Of(new string(' ', SafetensorsHeader.LengthMax + 1))),
        (HeaderTooLarge, "a length of 2^64 - 1", [.. Enumerable.Repeat((byte)0xff, 8), .. "{}"u8]),
        (InvalidHeaderLength, "a header cut by one byte", RawFile.Of("{}")[..^1]),
        (InvalidHeader, "a lone continuation byte", RawFile.Of([.. "{\""u8, 0x80, .. "\":1}"u8])),
        (InvalidHeaderStart, "whitespace first", RawFile.Of(" {}")),
        (InvalidHeaderStart, "a byte order mark first", RawFile.Of("\ufeff{}")),
        (InvalidHeaderStart, "an array", RawFile.Of("[]")),
        (InvalidHeaderStart, "no header at all", RawFile.Of("")),
        (InvalidHeaderDeserialization, "no JSON", RawFile.Of("{")),
        (InvalidHeaderDeserialization, "two objects", RawFile.Of("{}{}")),
        (InvalidHeaderDeserialization, "a zero byte after the object", RawFile.Of("{}\0")),
        (InvalidHeaderDeserialization, "a comment", RawFile.Of("{/**/}")),
        (InvalidHeaderDeserialization, "a trailing comma", RawFile.OfMembers(4, RawFile.F32("a", 0, 4), "")),
        (InvalidHeaderDeserialization, "objects in objects", RawFile.Of(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))),
        (InvalidHeaderDeserialization, "a tensor that is a number", RawFile.Of("""{"a":1}""")),
        (InvalidHeaderDeserialization, "a missing dtype", RawFile.Of("""{"a":{"shape":[],"data_offsets":[0,4]}}""", 4)),
        (InvalidHeaderDeserialization, "a missing shape", RawFile.Of("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4)),
        (InvalidHeaderDeserialization, "missing offsets", RawFile.Of("""{"a":{"dtype":"F32","shape":[]}}""", 4)),
        (InvalidHeaderDeserialization, "an unknown member", Tensor("\"F32\"", "[]", "[0,4],\"device\":\"cpu\"")),
        (InvalidHeaderDeserialization, "an unknown dtype", Tensor("\"F128\"", "[]", "[0,16]", 16)),
        (InvalidHeaderDeserialization, "a dtype in lower case", Tensor("\"f32\"", "[]", "[0,4]")),
        (InvalidHeaderDeserialization, "a dtype by number", Tensor("\"14\"", "[]", "[0,4]")),
        (InvalidHeaderDeserialization, "a dtype that is null", Tensor("null", "[]", "[0,4]")),
        (InvalidHeaderDeserialization, "a shape that is a number", Tensor("\"F32\"", "1", "[0,4]")),
        (InvalidHeaderDeserialization, "a shape in a shape", Tensor("\"F32\"", "[[1]]", "[0,4]")),
        (InvalidHeaderDeserialization, "a negative dimension", Tensor("\"F32\"", "[-1]", "[0,4]")),
        (InvalidHeaderDeserialization, "minus zero", Tensor("\"F32\"", "[1]", "[-0,4]")),
        (InvalidHeaderDeserialization, "a fraction", Tensor("\"F32\"", "[1]", "[0,4.0]")),
        (InvalidHeaderDeserialization, "an exponent", Tensor("\"F32\"", "[1]", "[0,4e0]")),
        (InvalidHeaderDeserialization, "2^64", Tensor("\"F32\"", "[18446744073709551616]", "[0,4]")),
        (InvalidHeaderDeserialization, "one offset", Tensor("\"F32\"", "[]", "[4]")),
        (InvalidHeaderDeserialization, "three offsets", Tensor("\"F32\"", "[]", "[0,4,4]")),
        (InvalidHeaderDeserialization, "half a surrogate pair as name", RawFile.OfMembers(4, RawFile.F32("\\ud800", 0, 4))),
        (InvalidHeaderDeserialization, "metadata that is a number", RawFile.Of("""{"__metadata__":{"x":1}}""")),
        (InvalidHeaderDeserialization, "metadata that is null", RawFile.Of("""{"__metadata__":null}""")),
        (DuplicateKey, "the same tensor twice", RawFile.OfMembers(8, RawFile.F32("a", 0, 4), RawFile.F32("a", 4, 8))),
        (DuplicateKey, "the same name, escaped", RawFile.OfMembers(8, RawFile.F32("a", 0, 4), RawFile.F32("\\u0061", 4, 8))),
        (DuplicateKey, "two shapes", Tensor("\"F32\"", "[]", "[0,4],\"shape\":[]")),
        (DuplicateKey, "two metadata", RawFile.Of("""{"__metadata__":{},"__metadata__":{}}""")),
        (DuplicateKey, "a metadata key twice", RawFile.Of("""{"__metadata__":{"x":"1","x":"2"}}""")),
        (TooManyTensors, "one tensor over the limit", RawFile.OfMembers(0, EmptyTensors(SafetensorsHeader.TensorCountMax + 1))),
        (InvalidOffset, "a first tensor that starts at 4", Tensor("\"F32\"", "[]", "[4,8]", 8)),
        (InvalidOffset, "a hole", RawFile.OfMembers(12, RawFile.F32("a", 0, 4), RawFile.F32("b", 8, 12))),
        (InvalidOffset, "an overlap", RawFile.OfMembers(6, RawFile.F32("a", 0, 4), RawFile.F32("b", 2, 6))),
        (InvalidOffset, "the same bytes twice", RawFile.OfMembers(4, RawFile.F32("a", 0, 4), RawFile.F32("b", 0, 4))),
        (InvalidOffset, "an end before the start", RawFile.OfMembers(4, RawFile.F32("a", 0, 4), RawFile.F32("b", 4, 0))),
        (ValidationOverflow, "a dimension of 2^63", Tensor("\"F32\"", "[9223372036854775808]", "[0,4]")),
        (ValidationOverflow, "an offset of 2^63", Tensor("\"F32\"", "[1]", "[0,9223372036854775808]")),
        (ValidationOverflow, "a product of 2^64", Tensor("\"U8\"", "[4294967296,4294967296]", "[0,0]", 0)),
        (ValidationOverflow, "a product that overflows before its 0", Tensor("\"U8\"", "[4294967296,4294967296,0]", "[0,0]", 0)),
        (ValidationOverflow, "2^66 bits", Tensor("\"I32\"", "[2305843009213693952]", "[0,0]", 0)),
        (ValidationOverflow, "2^63 bits", Tensor("\"U8\"", "[1152921504606846976]", "[0,0]", 0)),
        (MisalignedSlice, "half a byte", Tensor("\"F4\"", "[1]", "[0,1]", 1)),
        (MisalignedSlice, "two halves of a byte", Tensor("\"F4\"", "[2]", "[0,1]", 1)),
        (MisalignedSlice, "six bits", Tensor("\"F6_E2M3\"", "[4]", "[0,3]", 3)),
        (MisalignedSlice, "the other six bits", Tensor("\"F6_E3M2\"", "[4]", "[0,3]", 3)),
        (TensorInvalidInfo, "a shape of two in four bytes", Tensor("\"F32\"", "[2]", "[0,4]")),
        (TensorInvalidInfo, "a scalar in eight bytes", Tensor("\"F32\"", "[]", "[0,8]", 8)),
        (MetadataIncompleteBuffer, "a byte too few", Tensor("\"F32\"", "[]", "[0,4]", 3)),
        (MetadataIncompleteBuffer, "a byte too many", Tensor("\"F32\"", "[]", "[0,4]", 5)),
        (MetadataIncompleteBuffer, "bytes but no tensor", RawFile.Of("{}", 1)),
    ];

    public static TheoryData<string> Whys => [.. Cases.Select(c => c.Why)];

    [Theory]
    [MemberData(nameof(Whys))]
    public void A_file_is_refused_by_the_rule_it_breaks(string why)
    {
        (SafetensorsRule rule, _, byte[] file) = Cases.Single(c => c.Why == why);
        SafetensorsException refusal = RawFile.RefusalOf(file);
        Assert.Equal(rule, refusal.Rule);
        Assert.InRange(refusal.Message.Length, 40, 500);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }

    [Fact]
    public void Every_rule_has_a_case() =>
        Assert.Equal(Enum.GetValues<SafetensorsRule>().Order(), Cases.Select(c => c.Rule).Distinct().Order());

    [Fact]
    public void A_name_of_a_megabyte_does_not_fill_the_message()
    {
        string name = string.Concat(Enumerable.Repeat("\\n\\u001b", 80_000));
        SafetensorsException refusal = RawFile.RefusalOf(RawFile.OfMembers(8, RawFile.F32(name, 4, 8)));
        Assert.Equal(InvalidOffset, refusal.Rule);
        Assert.InRange(refusal.Message.Length, 40, 400);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }

    static byte[] Tensor(string dtype, string shape, string offsets, int dataLength = 4) =>
        RawFile.OfMembers(dataLength, $$"""
            "a":{"dtype":{{dtype}},"shape":{{shape}},"data_offsets":{{offsets}}}
            """);

    static string[] EmptyTensors(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $$"""
            "{{i}}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}
            """)];
}
