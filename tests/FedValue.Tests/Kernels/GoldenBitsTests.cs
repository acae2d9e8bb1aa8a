using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Kernels.Randomness;

namespace FedValue.Tests.Kernels;

/// <summary>
/// Hashes of results as the first machine (x64) computed them. Where only these tests fail, the machine, the runtime or the change computes
/// other bits than existing ledgers hold: a hash is not updated to make a test pass; a wanted change raises the ledger's numerics number.
/// </summary>
public sealed class GoldenBitsTests
{
    static string Hash<T>(T[] numbers) where T : unmanaged =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<T>(numbers)).AsSpan(0, 8));

    static T[] Draw<T>(Func<RandomStream, T> next)
    {
        var random = new RandomStream(seed: -1234567890123, RandomPurpose.Training, 3, 5);
        return [.. Enumerable.Range(0, 1000).Select(_ => next(random))];
    }

    [Fact]
    public void Statistics_of_a_round()
    {
        UpdateRows rows = Samples.Rows(5, 40_001);
        var cpu = new CpuBackend(2);
        Assert.Equal("cd55e1c453955362", Hash(cpu.Gram(rows)));
        Assert.Equal("26b7b4987c0000b0", Hash(cpu.InnerProducts(rows, Samples.Doubles(40_001, 3))));
        Assert.Equal("b2e7f01c04f44da5", Hash(cpu.Measure(rows, 4, [Samples.Singles(40_001, 4)])));
        Assert.Equal("b48c63517c6ed39c", Hash(cpu.Combine(rows, Samples.Doubles(5, 5))));
    }

    [Fact]
    public void A_matrix_product()
    {
        const int m = 37, k = 129, n = 53;
        float[] c = Samples.Singles(m * n, 3);
        MatrixProduct.MultiplyAdd(Samples.Singles(m * k, 1), k, Samples.Singles(k * n, 2), n, c, n, m, k, n);
        Assert.Equal("3ce45cd16a7a0a77", Hash(c));
    }

    [Fact]
    public void Exponentials_and_logarithms()
    {
        double[] points = [.. Enumerable.Range(-4000, 8001).Select(i => i * 0.1875)];
        Assert.Equal("85b529f10ea76c8b", Hash([.. points.Select(Elementary.Exp)]));
        Assert.Equal("3421382fea8d8a27", Hash([.. points.Where(x => x > 0).Select(Elementary.Log)]));
        Assert.Equal("ab6c60f31eceaddf", Hash([.. Enumerable.Range(-1074, 2098).Select(i => Elementary.Log(Math.ScaleB(1.1, i)))]));
    }

    [Fact]
    public void Random_streams()
    {
        Assert.Equal("de4e64fa0c7d7ce5", Hash(Draw(random => random.NextBits())));
        Assert.Equal("f6548177735c9d8b", Hash(Draw(random => random.NextInteger(1000))));
        Assert.Equal("8cb21e9611537773", Hash(Draw(random => random.NextDouble())));
        Assert.Equal("97ab42a690551fcf", Hash(Draw(random => random.NextNormal())));
        Assert.Equal("a04365caebe3aa34", Hash(Draw(random => random.NextLogGamma(0.5))));
        Assert.Equal("96c7cfc57793b266", Hash([.. Draw(random => random.NextDirichlet(0.5, 4)).SelectMany(shares => shares)]));
        Assert.Equal("11ae62af14ada24b", Hash([.. Draw(random => random.NextPermutation(7)).SelectMany(order => order)]));
    }

    [Fact]
    public void A_loss_and_its_gradient()
    {
        float[] logits = Samples.Singles(1000, 6), gradient = new float[10];
        double[] losses = [.. Enumerable.Range(0, 100).Select(row => CrossEntropy.Loss(logits.AsSpan(10 * row, 10), row % 10))];
        Assert.Equal("ab9a6ca24324af84", Hash(losses));
        CrossEntropy.Gradient(logits.AsSpan(0, 10), 3, 1.0 / 7, gradient);
        Assert.Equal("daf03daff20fd8dc", Hash(gradient));
    }
}
