using System.Diagnostics;
using System.Text.RegularExpressions;
using FedValue.Server.Tests.Support;

namespace FedValue.Server.Tests.Clients;

/// <summary>The Python client's own tests, which need no server.</summary>
public sealed partial class PythonPackageTests
{
    [FactWithPython]
    public async Task The_package_s_own_tests_pass()
    {
        using Process tests = Python.Start("-m", "unittest", "discover", "-s", "tests", "-t", ".");
        Task<string> output = tests.StandardOutput.ReadToEndAsync(), errors = tests.StandardError.ReadToEndAsync();
        await tests.WaitForExitAsync();
        string said = await output + await errors;
        Assert.True(tests.ExitCode == 0, said);
        Assert.True(int.Parse(Count().Match(said).Groups[1].ValueSpan) > 80, said);
    }

    [GeneratedRegex(@"Ran (\d+) tests")]
    private static partial Regex Count();
}
