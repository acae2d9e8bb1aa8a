namespace FedValue.Tests.Support;

/// <summary>Files that this process has mapped into its memory.</summary>
static class Maps
{
    /// <summary>How many maps of files below a folder there are; null where the system does not say.</summary>
    public static int? Of(string folder) => File.Exists("/proc/self/maps")
        ? File.ReadLines("/proc/self/maps").Count(line => line.Contains(folder, StringComparison.Ordinal)) : null;
}
