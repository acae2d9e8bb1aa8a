using FedValue.Contracts.Kernels;
using FedValue.Kernels;

namespace FedValue.Tests.Kernels;

public sealed class CpuBackendTests : ComputeBackendContract
{
    protected override IComputeBackend Create(int threads) => new CpuBackend(threads);

    [Fact]
    public void No_threads_at_all_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuBackend(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuBackend(-1));
    }

    [Fact]
    public void Some_updates_are_combined_in_the_order_they_are_listed()
    {
        const int d = 2051;
        float[][] models = Samples.Models(6, d);
        var rows = new UpdateRows(Samples.Singles(d, 1000), models);
        int[] members = [4, 0, 5];
        double[] coefficients = [0.3, -0.7, 1.9];
        var sum = new double[d];
        RoundCombination.Of(rows, members, coefficients, start: 0, sum);

        var listed = new UpdateRows(Samples.Singles(d, 1000), [.. members.Select(i => models[i])]);
        Bits.Equal(Reference.Combine(listed, coefficients), sum, "combination of rows 4, 0 and 5");
    }

    [Fact]
    public void Parts_of_a_combination_are_those_of_the_whole()
    {
        const int d = 2 * RoundCombination.PartLength + 77;
        UpdateRows rows = Samples.Rows(3, d);
        int[] members = [2, 0, 1];
        double[] coefficients = [0.3, -0.7, 1.9];
        double[] whole = new double[d], parts = new double[d];
        RoundCombination.Of(rows, members, coefficients, start: 0, whole);
        for (int start = 0; start < d; start += RoundCombination.PartLength)
            RoundCombination.Of(rows, members, coefficients, start, parts.AsSpan(start, Math.Min(RoundCombination.PartLength, d - start)));
        Bits.Equal(whole, parts, "a combination in three parts");
    }

    [Fact]
    public void A_combination_that_does_not_fit_is_refused_with_a_sentence()
    {
        UpdateRows rows = Samples.Rows(3, 4);
        void Refused(string sentence, int[] members, int coefficients, int places, int start = 0) =>
            Assert.StartsWith(sentence, Assert.Throws<ArgumentException>(
                () => RoundCombination.Of(rows, members, new double[coefficients], start, new double[places])).Message);

        Refused("2 members need as many coefficients, but 1 came.", [0, 1], 1, 4);
        Refused("A part of 4 weights begins at a multiple of 32768 and is as long or ends with them, but 5 places from 0 on came.", [0, 1], 2, 5);
        Refused("A part of 4 weights begins at a multiple of 32768 and is as long or ends with them, but 3 places from 0 on came.", [0, 1], 2, 3);
        Refused("A part of 4 weights begins at a multiple of 32768 and is as long or ends with them, but 2 places from 2 on came.", [0, 1], 2, 2, 2);
        Refused("There are 3 updates, numbered from 0, but member 3 was asked for.", [0, 3], 2, 4);
        Refused("There are 3 updates, numbered from 0, but member -1 was asked for.", [-1], 1, 4);
    }

    [Fact]
    public void The_vectors_it_computes_with_have_a_name() =>
        Assert.Contains(CpuBackend.VectorTier, new[] { "avx-512", "avx2", "128-bit", "none" });
}
