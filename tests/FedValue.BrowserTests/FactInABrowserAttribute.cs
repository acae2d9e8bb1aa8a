namespace FedValue.BrowserTests;

/// <summary>A fact about a page in Chromium; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class FactInABrowserAttribute : FactAttribute
{
    public FactInABrowserAttribute()
    {
        if (Browser.Executable is null)
            Skip = $"Needs Chromium: install it (Debian: apt-get install chromium) or name it in {Browser.Variable}.";
    }
}
