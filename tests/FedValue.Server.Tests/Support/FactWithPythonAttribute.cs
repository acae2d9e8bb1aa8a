namespace FedValue.Server.Tests.Support;

/// <summary>A fact about the Python client; skipped, with the reason, where no Python has what it needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactWithPythonAttribute : FactAttribute
{
    public FactWithPythonAttribute()
    {
        if (Python.Executable is null)
        {
            Skip = "Needs Python 3.11 with numpy and cryptography: install them (Debian: apt-get install python3-numpy python3-cryptography) "
                + $"or name such a Python in {Python.Variable}.";
        }
    }
}
