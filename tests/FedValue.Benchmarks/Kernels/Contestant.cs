using System.Diagnostics;
using System.Globalization;

namespace FedValue.Benchmarks.Kernels;

/// <summary>What one piece of work took.</summary>
readonly record struct Sample(double Seconds, double ProcessorSeconds);

/// <summary>A child process that works line by line and idles in between.</summary>
sealed class Contestant : IDisposable
{
    readonly Process _process;

    Contestant(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        Name = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{program} did not start.");
    }

    /// <summary>What it says it is.</summary>
    public string Name { get; }

    /// <summary>This program as a worker, with or without AVX-512.</summary>
    public static Contestant Ours(bool avx512) => new(
        Environment.ProcessPath!, ["kernel-worker"], ("DOTNET_EnableAVX512", avx512 ? "1" : "0"));

    /// <summary>numpy on so many threads; a core type makes OpenBLAS take the kernels of that processor.</summary>
    public static Contestant OpenBlas(int threads, string coreType)
    {
        (string, string)[] environment = [("OPENBLAS_NUM_THREADS", $"{threads}"), ("OPENBLAS_CORETYPE", coreType)];
        Contestant peer = new("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Kernels", "peers.py")], environment);
        return peer.Name.StartsWith("OpenBLAS", StringComparison.Ordinal) ? peer : throw new InvalidOperationException(
            $"numpy multiplies with {peer.Name}: a peer would be OpenBLAS, in Debian the package libopenblas0-pthread.");
    }

    /// <summary>PyTorch on so many threads and a round in a folder; OpenBLAS is told to take its widest kernels.</summary>
    public static Contestant Torch(string folder, int threads, bool avx512)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Coalitions", "coalitions_torch.py");
        (string, string)[] environment =
            [("OPENBLAS_NUM_THREADS", $"{threads}"), ("OMP_NUM_THREADS", $"{threads}"), ("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell")];
        Contestant peer = new("/usr/bin/python3", [script, folder, $"{threads}"], environment);
        if (peer.Name.Contains("openblas", StringComparison.Ordinal))
            return peer;
        peer.Dispose();
        throw new InvalidOperationException($"It is {peer.Name}, which is many times slower: install libopenblas0-pthread.");
    }

    /// <summary>Does the work of one line.</summary>
    public Sample Run(string work)
    {
        double[] seconds = Ask(work);
        return new Sample(seconds[0], seconds[1]);
    }

    /// <summary>The numbers that answer a line.</summary>
    public double[] Ask(string work)
    {
        _process.StandardInput.WriteLine(work);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended at '{work}'.");
        return [.. answer.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
