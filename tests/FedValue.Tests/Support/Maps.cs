namespace FedValue.Tests.Support;

/// <summary>Files that this process has mapped into its memory.</summary>
static class Maps
{
    /// <summary>How many maps of files below a folder there are, whose names hold a text; null where the system does not say.</summary>
    public static int? Of(string folder, string text = "") => File.Exists("/proc/self/maps")
        ? File.ReadLines("/proc/self/maps").Count(
            line => line.Contains(folder, StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))
        : null;
}
