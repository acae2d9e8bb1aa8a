using FedValue.Federation.Rounds;
using FedValue.Protocol.Safetensors;

namespace FedValue.Tests.Federation.Rounds;

public sealed class MethodMemoryTests
{
    static MethodMemory Some => MethodMemory.Empty
        .With("fedce", ["b", "a"], [[1, 2], [3, 4]])
        .With("cgsv:momentum=0.95", ["a"], [[0.1]]);

    [Fact]
    public void Who_is_absent_keeps_its_row_and_who_is_new_has_none()
    {
        MethodMemory later = Some.With("fedce", ["b", "c"], [[5, 6], [7, 8]]);
        Assert.Equal([[3, 4], [5, 6], [7, 8], null], later.Of("fedce", ["a", "b", "c", "d"]));
        Assert.Equal([null, [1, 2]], Some.Of("fedce", ["c", "b"])); // nothing changes behind one's back
        Assert.Equal([null], Some.Of("shapfed", ["a"]));
    }

    [Fact]
    public void The_blob_comes_back_and_its_bytes_depend_on_the_content_alone()
    {
        MethodMemory other = MethodMemory.Empty
            .With("cgsv:momentum=0.95", ["a"], [[0.1]])
            .With("fedce", ["a"], [[3, 4]])
            .With("fedce", ["b"], [[1, 2]]);
        byte[] blob = Some.ToBlob()!;
        Assert.Equal(blob, other.ToBlob());
        MethodMemory read = MethodMemory.FromBlob(blob);
        Assert.Equal(blob, read.ToBlob());
        Assert.Equal([[3, 4], [1, 2]], read.Of("fedce", ["a", "b"]));
    }

    [Fact]
    public void Nothing_remembered_is_no_blob()
    {
        Assert.Null(MethodMemory.Empty.ToBlob());
        Assert.Null(MethodMemory.Empty.With("fedce", [], []).ToBlob());
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Some.With("fedce", ["a"], [[1]]));
        Assert.Throws<ArgumentException>(() => Some.With("fedce", ["a", "b"], [[1, 2]]));
        Tensor numbers = Tensor.OfDoubles("fedce", [2, 1], [1, 2]);
        Assert.Throws<FormatException>(() => MethodMemory.FromBlob(SafetensorsWriter.Write([numbers])));
        var ids = new Tensor("fedce/participants", TensorType.U8, [1], "a"u8.ToArray());
        Assert.Throws<FormatException>(() => MethodMemory.FromBlob(SafetensorsWriter.Write([numbers, ids])));
    }
}
