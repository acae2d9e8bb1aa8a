using System.Text;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class CsvContentTests
{
    const string Text = "a,b,y\n1,2,0\n3,4,1\n";

    static readonly byte[] ByteOrderMark = [0xef, 0xbb, 0xbf];

    // Long enough that a cut file still has whole rows.
    static string Long { get; } =
        "a,b,y\n" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i * 37 % 1009},{i * i % 997},{i % 3}\n"));

    [Theory]
    [InlineData("a,b,y\r\n1,2,0\r\n3,4,1\r\n")]
    [InlineData("a,b,y\n1,2,0\n3,4,1")]
    [InlineData("\n\na,b,y\n\n1,2,0\n3,4,1\n\n")]
    [InlineData(" a , b,y \n 1 ,\t2,0\n3,4 ,1\n")]
    [InlineData("\"a\",\"b\",\"y\"\n\"1\",2,\"0\"\n3,\"4\",1\n")]
    public void Line_ends_blanks_and_quotes_do_not_matter(string text)
    {
        Dataset data = CsvFile.Load(text, "label=y");
        Assert.Equal([1, 2, 3, 4], data.Features);
        Assert.Equal(["0", "1"], data.Classes);
    }

    [Fact]
    public void Quoted_fields_may_hold_commas_marks_and_line_feeds()
    {
        Dataset data = CsvFile.Load("a,y\n1,\"red, or \"\"rouge\"\"\"\n2,\"two\nlines\"\n");
        Assert.Equal(["red, or \"rouge\"", "two\nlines"], data.Classes);
    }

    [Fact]
    public void A_byte_order_mark_is_not_part_of_the_first_name() =>
        Assert.Equal(["1", "3"], CsvFile.Load([.. ByteOrderMark, .. Encoding.UTF8.GetBytes(Text)], "label=a").Classes);

    [Fact]
    public void Letters_of_any_script_are_kept() => Assert.Equal(["Äpfel", "梨"], CsvFile.Load("x,sorte\n1,Äpfel\n2,梨\n").Classes);

    [Fact]
    public void Gzip_is_seen_by_content_not_by_name()
    {
        Dataset plain = CsvFile.Load(Long), zipped = CsvFile.Load(CsvFile.Gzipped(Long));
        Assert.Equal(3000, zipped.Count);
        Assert.Equal(plain.Features, zipped.Features);
        Assert.Equal(plain.Labels, zipped.Labels);
        Assert.NotEqual(plain.Digest, zipped.Digest); // the digest is that of the file
    }

    [Fact]
    public void A_gzip_file_that_was_cut_anywhere_is_refused()
    {
        byte[] whole = CsvFile.Gzipped(Long);
        int[] lengths = [2, 3, 9, 10, 17, 18, 19, 100, whole.Length / 2, .. Enumerable.Range(whole.Length - 12, 12)];
        Assert.All(lengths, length => Assert.Equal(
            "The file 'FILE' begins like a gzip file, but is damaged or was cut short.", CsvFile.Refused(whole[..length])));
    }

    [Fact]
    public void A_gzip_file_of_several_members_is_one_text_and_must_be_whole()
    {
        Dataset plain = CsvFile.Load(Long);
        byte[] members = [];
        foreach (int size in new[] { 5000, 97, 1 }) // the last with members that end at and around every edge of a reader's buffer
        {
            members = [.. Long[..(size == 1 ? 3000 : Long.Length)].Chunk(size).SelectMany(part => CsvFile.Gzipped(new string(part))),
                .. CsvFile.Gzipped(""), .. CsvFile.Gzipped(size == 1 ? Long[3000..] : "")];
            Dataset zipped = CsvFile.Load(members);
            Assert.Equal(plain.Features, zipped.Features);
            Assert.Equal(plain.Labels, zipped.Labels);
        }
        int first = CsvFile.Gzipped(Long[..1]).Length;
        foreach (int length in Enumerable.Range(2, first - 2).Concat(Enumerable.Range(first + 1, first - 1)))
            Assert.EndsWith("is damaged or was cut short.", CsvFile.Refused(members[..length]));
        foreach (int cut in Enumerable.Range(1, 12))
            Assert.EndsWith("is damaged or was cut short.", CsvFile.Refused(members[..^cut]));
        Assert.EndsWith("is damaged or was cut short.", CsvFile.Refused([.. members, 0, 0, 0]));
    }

    [Fact]
    public void A_gzip_file_with_a_wrong_bit_is_refused()
    {
        byte[] whole = CsvFile.Gzipped(Long);
        foreach (int at in new[] { 2, whole.Length / 3, whole.Length / 2, whole.Length - 7, whole.Length - 1 })
        {
            byte[] wrong = [.. whole];
            wrong[at] ^= 0x10;
            Assert.Equal("The file 'FILE' begins like a gzip file, but is damaged or was cut short.", CsvFile.Refused(wrong));
        }
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_and_without_mark()
    {
        const string sentence = "The file 'FILE' is not text in UTF-8, plain or gzipped.";
        byte[] latin = [.. Encoding.UTF8.GetBytes("a,y\n1,rot\n2,gr"), 0xfc, .. "n\n"u8];
        Assert.Equal(sentence, CsvFile.Refused(latin));
        Assert.Equal(sentence, CsvFile.Refused([.. ByteOrderMark, .. latin]));
        Assert.Equal(sentence, CsvFile.Refused([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text)]));
    }
}
