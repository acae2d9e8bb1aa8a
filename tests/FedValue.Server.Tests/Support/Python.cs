using System.Diagnostics;

namespace FedValue.Server.Tests.Support;

/// <summary>A Python that has what the Python client needs; the system's is asked first, because the first one on PATH may lack it.</summary>
static class Python
{
    public const string Variable = "FEDVALUE_PYTHON";

    const string Asks = "import sys, numpy, cryptography; sys.exit(0 if sys.version_info >= (3, 11) else 1)";

    /// <summary>The interpreter; null where there is none.</summary>
    public static string? Executable { get; } = Candidates().FirstOrDefault(HasWhatItTakes);

    /// <summary>The folder of the Python client.</summary>
    public static string ClientFolder { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Starts it in the client's folder; the two streams must be read.</summary>
    public static Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable!, arguments)
        {
            WorkingDirectory = ClientFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Nothing is left behind in the source tree.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return [named];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return ["/usr/bin/python3", .. folders.Where(folder => folder != "").Select(folder => Path.Combine(folder, "python3")).Where(File.Exists)];
    }

    static bool HasWhatItTakes(string executable)
    {
        try
        {
            var start = new ProcessStartInfo(executable, ["-c", Asks]) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    static string Find(string from)
    {
        for (DirectoryInfo? folder = new(from); folder is not null; folder = folder.Parent)
        {
            string clients = Path.Combine(folder.FullName, "clients", "python");
            if (File.Exists(Path.Combine(clients, "pyproject.toml")))
                return clients;
        }
        throw new InvalidOperationException($"No clients/python above '{from}': run the tests from their source tree.");
    }
}
