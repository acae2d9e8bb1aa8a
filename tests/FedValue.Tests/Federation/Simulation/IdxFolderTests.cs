using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class IdxFolderTests
{
    const string Images = "train-images-idx3-ubyte", Labels = "train-labels-idx1-ubyte";

    [Fact]
    public void Rows_are_flattened_and_the_test_files_are_held_out()
    {
        using var files = new IdxFiles();
        Dataset data = files.Load();
        Assert.Equal(("idx", 6, 10), (data.Name, data.Width, data.Count));
        Assert.Equal([.. Enumerable.Range(0, 36).Select(v => (double)v), .. Enumerable.Range(100, 24).Select(v => (double)v)], data.Features);
        Assert.Equal([0, 1, 2, 0, 1, 2, 2, 1, 0, 1], data.Labels);
        Assert.Equal(["0", "1", "2"], data.Classes);
        Assert.Equal(Enumerable.Range(0, 10).Select(row => row >= 6), data.HeldOut);
        Assert.Null(data.Participants);
    }

    [Fact]
    public void Gzipped_files_floats_and_other_names_hold_the_same_rows()
    {
        using IdxFiles plain = new(), other = new();
        foreach (string name in new[] { Images, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" })
            other[name] = null;
        other["Train-embedding.gz"] = IdxFiles.Gzipped(IdxFiles.Floats([6, 6], [.. Enumerable.Range(0, 36).Select(v => (float)v)]));
        other["test-x"] = IdxFiles.Bytes([4, 1, 3, 2], Enumerable.Range(100, 24));
        other["test-y.gz"] = IdxFiles.Gzipped(IdxFiles.Bytes([4], [2, 1, 0, 1]));
        other["README.md"] = [1, 2, 3];
        Dataset one = plain.Load(), two = other.Load();
        Assert.Equal(one.Features, two.Features);
        Assert.Equal(one.Labels, two.Labels);
        Assert.NotEqual(one.Digest, two.Digest); // of the files as they are stored
    }

    [Fact]
    public void Limits_take_the_first_rows_and_leave_the_classes()
    {
        using var files = new IdxFiles();
        Dataset data = files.Load(",test=1,train=2"), all = files.Load();
        Assert.Equal([0, 1, 2], data.Labels);
        Assert.Equal([.. all.Features[..12], .. all.Features[36..42]], data.Features);
        Assert.Equal([false, false, true], data.HeldOut!);
        Assert.Equal(3, files.Load(",train=2").Classes.Count);
        Assert.Equal("idx,train=2,test=1", DatasetLoader.WithoutPath("idx:/home/alice,test=01,train=2"));
        Assert.Equal("idx", DatasetLoader.WithoutPath("idx:/home/alice"));
    }

    [Theory]
    [InlineData(",train=7", "train=7 asks for more than the 6 training rows in 'DIR'.")]
    [InlineData(",test=5", "test=5 asks for more than the 4 test rows in 'DIR'.")]
    public void A_limit_beyond_the_rows_is_refused(string limits, string sentence)
    {
        using var files = new IdxFiles();
        Assert.Equal(sentence, files.Refused(limits));
    }

    [Theory]
    [InlineData("train=0")]
    [InlineData("train=-1")]
    [InlineData("train=1.5")]
    [InlineData("train=")]
    [InlineData("test")]
    [InlineData("rows=3")]
    [InlineData("")]
    public void A_limit_is_a_number_of_rows(string limit) => Assert.Equal(
        $"After the folder, an idx data set takes train=N and test=N, rows of 1 or more, each once, but '{limit}' came.",
        Refusal.Of(() => DatasetLoader.Load("idx:folder," + limit)));

    public static TheoryData<string, byte[], string> Damaged => new()
    {
        { Images, [], $"The file 'DIR/{Images}' is no IDX file, which begins with two zero bytes, a type and a number of dimensions of 1 or more." },
        { Images, [1, 0, 8, 1, 0, 0, 0, 0],
            $"The file 'DIR/{Images}' is no IDX file, which begins with two zero bytes, a type and a number of dimensions of 1 or more." },
        { Images, [0, 0, 8, 0],
            $"The file 'DIR/{Images}' is no IDX file, which begins with two zero bytes, a type and a number of dimensions of 1 or more." },
        { Images, [0, 0, 0x0B, 1, 0, 0, 0, 0],
            $"The IDX file 'DIR/{Images}' holds values of type 0x0B, but only 0x08 (unsigned bytes) and 0x0D (32-bit floats) are read." },
        { Images, IdxFiles.Header(8, 6, 2, 3)[..^1],
            $"The IDX file 'DIR/{Images}' ends within the sizes of its 3 dimensions; it was cut short." },
        { Images, IdxFiles.Header(8, 6, 0, 3), $"The IDX file 'DIR/{Images}' has no values: its sizes are 6 x 0 x 3." },
        { Images, IdxFiles.Bytes([6, 2, 3], Enumerable.Range(0, 35)),
            $"The IDX file 'DIR/{Images}' says it holds 6 x 2 x 3 values, 36 bytes, but 35 bytes follow its header; it was cut short or " +
            "something was appended." },
        { Images, IdxFiles.Floats([6, 1], 1, 2, 3, 4, 5, 6, 7),
            $"The IDX file 'DIR/{Images}' says it holds 6 x 1 values, 24 bytes, but 28 bytes follow its header; it was cut short or " +
            "something was appended." },
        { Images, IdxFiles.Header(8, -1, -1, -1, -1),
            $"The IDX file 'DIR/{Images}' says it holds 4294967295 x 4294967295 x 4294967295 x 4294967295 values, 9223372036854775807 " +
            "bytes, but 0 bytes follow its header; it was cut short or something was appended." },
        { Images, IdxFiles.Bytes([5, 2, 3], Enumerable.Range(0, 30)), $"'DIR/{Images}' has 5 rows, but 'DIR/{Labels}' has 6 labels." },
        { Images, IdxFiles.Bytes([6, 7], Enumerable.Range(0, 42)),
            $"Rows of 'DIR/{Images}' have 7 values, but those of 'DIR/t10k-images-idx3-ubyte' have 6." },
        { Images, IdxFiles.Floats([6, 1], 1, 2, float.NaN, 4, 5, 6), $"Rows of 'DIR/{Images}' have 1 values, but those of " +
            "'DIR/t10k-images-idx3-ubyte' have 6." },
        { Labels, IdxFiles.Floats([6], 0, 1, 2, 0, 1, 2), $"The labels in 'DIR/{Labels}' must be unsigned bytes, but they are floats." },
        { "t10k-labels-idx1-ubyte", IdxFiles.Gzipped(IdxFiles.Bytes([4], [2, 1, 0, 1]))[..^3],
            "The file 'DIR/t10k-labels-idx1-ubyte' begins like a gzip file, but is damaged or was cut short." },
        { "train-again", IdxFiles.Bytes([6, 2, 3], Enumerable.Range(0, 36)),
            $"The training rows in 'DIR' are two IDX files named train*, labels with one dimension and features with more, but there is " +
            $"train-again, {Images}, {Labels}." },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_folder_is_refused_in_one_sentence(string name, byte[] content, string sentence)
    {
        using var files = new IdxFiles();
        files[name] = content;
        Assert.Equal(sentence, files.Refused());
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void A_number_that_is_not_finite_is_named(float number, string shown)
    {
        using var files = new IdxFiles();
        files[Images] = IdxFiles.Floats([6, 6], [.. Enumerable.Range(0, 36).Select(i => i == 14 ? number : i)]);
        Assert.Equal($"Row 3 of the IDX file 'DIR/{Images}' has {shown} as feature 3; a feature must be a finite number.", files.Refused());
    }

    [Fact]
    public void A_folder_without_its_files_is_refused()
    {
        using var files = new IdxFiles();
        files["t10k-labels-idx1-ubyte"] = null;
        Assert.Equal("The test rows in 'DIR' are two IDX files named t10k* or test*, labels with one dimension and features with more, " +
            "but there is t10k-images-idx3-ubyte.", files.Refused());
        files["t10k-images-idx3-ubyte"] = null;
        Assert.EndsWith("but there is none.", files.Refused());
        Assert.Equal("A data set of kind idx is written idx:FOLDER, but no folder was named.", Refusal.Of(() => DatasetLoader.Load("idx:")));
        Assert.Equal("A data set of kind idx is a folder, but there is no folder 'absent'.",
            Refusal.Of(() => DatasetLoader.Load("idx:absent")));
    }

    [Fact]
    public void Labels_of_one_class_are_refused()
    {
        using var files = new IdxFiles();
        files[Labels] = IdxFiles.Bytes([6], new int[6]);
        files["t10k-labels-idx1-ubyte"] = IdxFiles.Bytes([4], new int[4]);
        Assert.Equal("The labels in 'DIR' are all 0; at least two classes are needed.", files.Refused());
    }
}
