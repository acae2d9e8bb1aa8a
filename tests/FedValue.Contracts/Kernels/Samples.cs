using FedValue.Kernels;
using FedValue.Kernels.Randomness;

namespace FedValue.Contracts.Kernels;

/// <summary>Reproducible inputs for kernels, of mixed sign and magnitude, so that the order of additions shows in the bits.</summary>
public static class Samples
{
    /// <summary>Where kernels go wrong: every tail of every vector width, the borders of tiles and of chunks of tiles.</summary>
    public static IReadOnlyList<int> Lengths { get; } =
        [.. Enumerable.Range(0, 258), 2047, 2048, 2049, 4095, 4096, 4097, 5000, 32767, 32768, 32769, 67589];

    static readonly double[] Pool = Draw(1 << 18);

    /// <summary>So many doubles, mostly between 1e-3 and 1e3 in magnitude; other names give others.</summary>
    public static double[] Doubles(int count, uint name)
    {
        var numbers = new double[count];
        uint place = name * 40503; // far apart for neighbouring names
        for (int i = 0; i < count; i++)
            numbers[i] = Pool[(place + (uint)i) % (uint)Pool.Length];
        return numbers;
    }

    /// <summary>The same in fp32.</summary>
    public static float[] Singles(int count, uint name) => Array.ConvertAll(Doubles(count, name), number => (float)number);

    /// <summary>A round of n updates of d weights.</summary>
    public static UpdateRows Rows(int n, int d) => new(Singles(d, 1000), Models(n, d));

    /// <summary>The n local models of that round.</summary>
    public static float[][] Models(int n, int d) => [.. Enumerable.Range(0, n).Select(i => Singles(d, (uint)(2000 + i)))];

    static double[] Draw(int count)
    {
        var random = new RandomStream(seed: 1, RandomPurpose.Split);
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = Math.ScaleB(2 * random.NextDouble() - 1, random.NextInteger(21) - 10);
        return numbers;
    }
}
