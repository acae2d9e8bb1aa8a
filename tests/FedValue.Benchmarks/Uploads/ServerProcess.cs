using System.Diagnostics;
using System.Globalization;

namespace FedValue.Benchmarks.Uploads;

/// <summary>A real <c>fedvalue serve</c> in a process and a folder of its own, and what the kernel says about it (Linux).</summary>
sealed class ServerProcess : IDisposable
{
    /// <summary>The operator's token.</summary>
    public const string OperatorToken = "the token of a benchmark's operator";

    const int TicksPerSecond = 100; // of /proc, on every Linux
    readonly Process _process;

    ServerProcess(Process process, string folder, Uri address) => (_process, Folder, Address) = (process, folder, address);

    /// <summary>Where its data lies.</summary>
    public string Folder { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts a server on a new folder.</summary>
    public static Task<ServerProcess> StartAsync() => StartAsync(Directory.CreateTempSubdirectory("fedvalue-load-").FullName);

    /// <summary>Ends the server and starts another one on its folder, which is that one's from then on.</summary>
    public Task<ServerProcess> AgainAsync()
    {
        End();
        return StartAsync(Folder);
    }

    static async Task<ServerProcess> StartAsync(string folder)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "fedvalue.dll");
        var start = new ProcessStartInfo("dotnet", [program, "serve", "--data", Path.Combine(folder, "data"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["FEDVALUE_OPERATOR_TOKEN"] = OperatorToken;
        Process process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadLineAsync() ?? throw new IOException("The server ended before it listened.");
        return new ServerProcess(process, folder, new Uri(said.Split(" at ")[1]));
    }

    /// <summary>Peak resident memory since the start or the last <see cref="ForgetPeak"/>, in bytes.</summary>
    public long PeakMemory() => Status(Id, "VmHWM:");

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>What the kernel says about the memory of a process, in bytes; 0 where it has ended.</summary>
    public static long Status(int process, string field)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0
                : 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Lets the peak begin again at what is resident now.</summary>
    public void ForgetPeak() => File.WriteAllText(Proc("clear_refs"), "5");

    /// <summary>Processor time of all its threads so far, in seconds.</summary>
    public double ProcessorSeconds()
    {
        string[] fields = File.ReadAllText(Proc("stat")).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[11..13].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Ends the server and deletes its folder.</summary>
    public void Dispose()
    {
        End();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Ends the server.</summary>
    public void End()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    string Proc(string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/{file}");
}
