using SQLitePCL;

namespace FedValue.Ledger.Storage;

/// <summary>Which SQLite is at hand, and whether it has the WAL-reset defect (sqlite.org/wal.html#walresetbug).</summary>
public static class SqliteVersion
{
    /// <summary>The version of the SQLite library in use.</summary>
    public static Version Current
    {
        get
        {
            Batteries_V2.Init();
            return Version.Parse(raw.sqlite3_libversion().utf8_to_string());
        }
    }

    /// <summary>
    /// Whether two connections and a checkpoint at a bad moment can lose a committed write: below 3.51.3, unless it is 3.50.7 or a later
    /// 3.50, or 3.44.6 or a later 3.44.
    /// </summary>
    public static bool IsAffectedByWalReset(Version version) => (version.Major, version.Minor) switch
    {
        (3, 44) => version.Build < 6,
        (3, 50) => version.Build < 7,
        _ => version < new Version(3, 51, 3),
    };
}
