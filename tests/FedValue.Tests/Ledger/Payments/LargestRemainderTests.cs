using System.Numerics;
using System.Text.Json;
using FedValue.Ledger.Payments;
using FedValue.Tests.Ledger.Support;
using FsCheck;
using FsCheck.Fluent;
using FedValue.Tests.Support;

namespace FedValue.Tests.Ledger.Payments;

public class LargestRemainderTests
{
    const string Vectors = "ledger/allocation-largest-remainder.json";

    static readonly Gen<long> Long = Gen.Choose(0, int.MaxValue).Two().Select(halves => ((long)halves.Item1 << 32) | (uint)halves.Item2);

    // Small, middling and the largest numbers; small weights make ties and zeros.
    static readonly Gen<long> Number = Gen.OneOf(Gen.Choose(0, 5).Select(i => (long)i), Gen.Choose(0, 100_000).Select(i => (long)i), Long);

    static readonly Arbitrary<(long Budget, long[] Weights)> Divisions = Gen.Zip(
            Gen.OneOf(Number, Gen.Constant(long.MaxValue)),
            Number.ArrayOf().Where(weights => weights.Any(weight => weight > 0)))
        .Select(pair => (pair.Item1, pair.Item2))
        .ToArbitrary();

    [Theory]
    [InlineData(100, new long[] { 1, 1, 1 }, new long[] { 34, 33, 33 })]
    [InlineData(1, new long[] { 1, 1, 1 }, new long[] { 1, 0, 0 })]
    [InlineData(2, new long[] { 0, 1, 1, 1 }, new long[] { 0, 1, 1, 0 })]
    [InlineData(10, new long[] { 0, 1, 2 }, new long[] { 0, 3, 7 })]
    [InlineData(0, new long[] { 3, 5 }, new long[] { 0, 0 })]
    [InlineData(7, new long[] { long.MaxValue, long.MaxValue, 0 }, new long[] { 4, 3, 0 })]
    [InlineData(long.MaxValue, new long[] { long.MaxValue }, new long[] { long.MaxValue })]
    public void The_largest_remainders_get_the_leftover_units_and_ties_go_by_position(long budget, long[] weights, long[] expected) =>
        Assert.Equal(expected, LargestRemainder.Divide(budget, weights));

    [FactWithSharedVectors(Vectors)]
    public void Every_public_vector_is_divided_as_published()
    {
        JsonElement[] cases = [.. SharedVectors.Read(Vectors).GetProperty("cases").EnumerateArray()];
        Assert.Equal(9, cases.Length);
        foreach (JsonElement example in cases)
        {
            long budget = example.GetProperty("budget").GetInt64();
            Assert.Equal(Longs(example, "want"), LargestRemainder.Divide(budget, Longs(example, "weights")));
        }

        static long[] Longs(JsonElement example, string name) =>
            [.. example.GetProperty(name).EnumerateArray().Select(number => number.GetInt64())];
    }

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        Assert.Throws<ArgumentException>(() => LargestRemainder.Divide(5, []));
        Assert.Throws<ArgumentException>(() => LargestRemainder.Divide(5, [0, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LargestRemainder.Divide(-1, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LargestRemainder.Divide(5, [2, -1]));
    }

    [Fact]
    public void Shares_sum_to_the_budget_exactly() => Prop.ForAll(Divisions, division =>
        Sum(LargestRemainder.Divide(division.Budget, division.Weights)) == division.Budget).Holds();

    [Fact]
    public void Every_share_is_less_than_one_unit_from_the_exact_one() => Prop.ForAll(Divisions, division =>
    {
        BigInteger total = Sum(division.Weights);
        return LargestRemainder.Divide(division.Budget, division.Weights).Zip(division.Weights).All(pair =>
            BigInteger.Abs(pair.First * total - (BigInteger)division.Budget * pair.Second) < total);
    }).Holds();

    [Fact]
    public void No_weight_no_share() => Prop.ForAll(Divisions, division =>
        LargestRemainder.Divide(division.Budget, division.Weights).Zip(division.Weights).All(pair => pair.Second > 0 || pair.First == 0))
        .Holds();

    [Fact]
    public void A_larger_weight_never_gets_less() => Prop.ForAll(Divisions, division =>
    {
        (long Share, long Weight)[] pairs = [.. LargestRemainder.Divide(division.Budget, division.Weights).Zip(division.Weights)];
        return pairs.All(a => pairs.All(b => a.Weight <= b.Weight || a.Share >= b.Share));
    }).Holds();

    [Fact]
    public void Without_tied_remainders_the_order_of_the_weights_does_not_matter() =>
        Prop.ForAll(Divisions.Filter(WithoutTies), division => LargestRemainder.Divide(division.Budget, division.Weights)
            .SequenceEqual(LargestRemainder.Divide(division.Budget, [.. division.Weights.Reverse()]).Reverse())).Holds();

    static bool WithoutTies((long Budget, long[] Weights) division)
    {
        BigInteger total = Sum(division.Weights);
        return division.Weights.Select(weight => (BigInteger)division.Budget * weight % total).Distinct().Count()
            == division.Weights.Length;
    }

    static BigInteger Sum(IEnumerable<long> numbers) => numbers.Aggregate(BigInteger.Zero, (sum, number) => sum + number);
}
