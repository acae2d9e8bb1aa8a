using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedValue.Contracts.Kernels;
using FedValue.Kernels;
using FedValue.Tests.Cli;

namespace FedValue.Tests.Kernels;

/// <summary>The kernels as each vector width dispatches them, in child processes with the wider ones switched off.</summary>
public sealed class KernelTierTests
{
    static readonly string[] Tiers = ["none", "128-bit", "avx2", "avx-512"];

    [TheoryOnX64]
    [InlineData("DOTNET_EnableAVX512", "avx2")]
    [InlineData("DOTNET_EnableAVX2", "128-bit")]
    [InlineData("DOTNET_EnableHWIntrinsic", "none")]
    public async Task Kernels_have_the_same_bits_without_the_wider_vectors(string switchedOff, string widestLeft)
    {
        var start = new ProcessStartInfo(FedValueProcess.Host, [typeof(KernelBits).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[switchedOff] = "0";
        using Process process = Process.Start(start)!;
        string[] lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        await process.WaitForExitAsync();

        // The switch must really have been one, or the test would prove nothing.
        Assert.True(Array.IndexOf(Tiers, lines[0]) <= Array.IndexOf(Tiers, widestLeft), $"{switchedOff}=0 left {lines[0]}");
        Assert.Equal(KernelBits.Compute(), lines[1]);
    }
}

/// <summary>Hashes of what the dispatching kernels compute; the test assembly started as a program prints them.</summary>
static class KernelBits
{
    public static int Main()
    {
        Console.Write($"{CpuBackend.VectorTier}\n{Compute()}\n");
        return 0;
    }

    public static string Compute()
    {
        var hash = new List<byte>();
        void Add<T>(T[] numbers) where T : unmanaged => hash.AddRange(SHA256.HashData(MemoryMarshal.AsBytes<T>(numbers)).AsSpan(0, 4));

        // Small, ragged, and large enough to be packed; then on threads.
        foreach ((int m, int k, int n) in new[] { (5, 7, 3), (34, 20, 40), (10, 9, 30), (50, 1060, 67) })
        {
            float[] a = Samples.Singles(m * k, 1), b = Samples.Singles(k * n, 2), c = Samples.Singles(m * n, 3), turned = new float[m * k];
            MatrixProduct.MultiplyAdd(a, k, b, n, c, n, m, k, n);
            Add(c);
            MatrixProduct.MultiplyAdd(a, k, b, n, c, n, m, k, n, threads: 2);
            Add(c);
            MatrixProduct.Transpose(a, k, turned, m, m, k);
            Add(turned);
        }
        double[] points = [.. Enumerable.Range(-4000, 8001).Select(i => i * 0.1875)], results = new double[points.Length];
        Elementary.Exp(points, results);
        Add(results);
        Elementary.Log(points, results);
        Add(results);
        float[] logits = Samples.Singles(330, 6), gradient = new float[33];
        CrossEntropy.Gradient(logits.AsSpan(0, 33), 3, 1.0 / 7, gradient);
        Add(gradient);
        Add([.. Enumerable.Range(1, 33).Select(classes => CrossEntropy.Loss(logits.AsSpan(0, classes), 0))]);
        foreach (int n in new[] { 3, 9 })
        {
            UpdateRows rows = Samples.Rows(n, 4099);
            var combination = new double[4099];
            RoundFigures figures = new CpuBackend(2).Read(rows, new FiguresWanted
            {
                Coefficients = Samples.Doubles(n, 5000),
                Combination = combination,
                AlongCombination = true,
                SquaredNorms = true,
                Vectors = [Samples.Doubles(4099, 3000), Samples.Doubles(4099, 3001)],
                Gram = true,
            });
            foreach (double[] numbers in (double[][])
                [combination, figures.AlongCombination, figures.SquaredNorms, .. figures.Products, figures.Gram])
                Add(numbers);
            Add(new CpuBackend(1).Measure(rows, 1, [Samples.Singles(4099, 4000), Samples.Singles(4099, 4001)]));
        }
        return Convert.ToHexStringLower(hash.ToArray());
    }
}
