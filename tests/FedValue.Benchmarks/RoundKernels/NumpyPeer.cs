using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace FedValue.Benchmarks.RoundKernels;

/// <summary>Seconds by the clock, and of processor time of all threads, which waiting for a busy core does not lengthen.</summary>
readonly record struct Duration(double Wall, double Processor);

/// <summary>numpy in a child process that does one task when told to, so that its runs alternate with ours.</summary>
sealed class NumpyPeer : IDisposable
{
    readonly Process _process;

    /// <summary>Starts Debian's Python with so many OpenBLAS threads and a made-up round of its own.</summary>
    public NumpyPeer(string script, int threads, int updates, int weights)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [script, $"{updates}", $"{weights}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OPENBLAS_NUM_THREADS"] = $"{threads}";
        if (Vector512.IsHardwareAccelerated) // versions older than the processor take narrower kernels by themselves
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        _process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        Name = Answer();
    }

    /// <summary>Versions of numpy and of its BLAS.</summary>
    public string Name { get; }

    /// <summary>What the task took.</summary>
    public Duration Run(string task)
    {
        _process.StandardInput.WriteLine(task);
        _process.StandardInput.Flush();
        double[] seconds = [.. Answer().Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new Duration(seconds[0], seconds[1]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    string Answer() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("The numpy peer has ended; it needs /usr/bin/python3 with numpy.");
}
