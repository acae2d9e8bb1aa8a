using System.Globalization;
using FedValue.Ledger;
using FedValue.Ledger.Merkle;
using FedValue.Valuation.Specs;

namespace FedValue.Cli.Runs;

/// <summary>root.txt: the ledger's size and root on one line, <c>SIZE HEX</c>. Whoever keeps a copy can hold the ledger to it.</summary>
static class RootFile
{
    public static string Write(TreeHead head) => string.Create(CultureInfo.InvariantCulture, $"{head.Size} {head.Root}\n");

    /// <summary>Reads the line back; null when it is anything else.</summary>
    public static TreeHead? Read(string text)
    {
        string[] parts = text.TrimEnd('\n').Split(' ');
        return parts.Length == 2 && TypedNumber.TryParse(parts[0], NumberStyles.None, out long size)
            && Digest.TryParse(parts[1], out Digest root) ? new TreeHead(size, root) : null;
    }
}
