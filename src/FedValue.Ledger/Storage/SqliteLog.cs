using Microsoft.Extensions.Logging;

namespace FedValue.Ledger.Storage;

static partial class SqliteLog
{
    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "SQLite {Version} has the WAL-reset defect (mended in 3.51.3, 3.50.7 and 3.44.6). It needs two connections to one file, "
            + "so the store of {Path} uses exactly one connection, for reads too: open it in one process only.")]
    public static partial void AffectedByWalReset(ILogger logger, Version version, string path);
}
