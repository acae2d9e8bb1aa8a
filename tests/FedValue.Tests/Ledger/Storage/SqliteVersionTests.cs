using FedValue.Ledger.Storage;

namespace FedValue.Tests.Ledger.Storage;

public class SqliteVersionTests
{
    [Theory]
    [InlineData("3.7.0", true)]
    [InlineData("3.40.1", true)]
    [InlineData("3.44.5", true)]
    [InlineData("3.44.6", false)]
    [InlineData("3.44.7", false)]
    [InlineData("3.45.0", true)]
    [InlineData("3.49.2", true)]
    [InlineData("3.50.4", true)]
    [InlineData("3.50.6", true)]
    [InlineData("3.50.7", false)]
    [InlineData("3.50.12", false)]
    [InlineData("3.51.0", true)]
    [InlineData("3.51.2", true)]
    [InlineData("3.51.3", false)]
    [InlineData("3.52.0", false)]
    [InlineData("4.0.0", false)]
    public void The_WAL_reset_defect_is_mended_in_3_51_3_and_in_two_older_lines(string version, bool affected) =>
        Assert.Equal(affected, SqliteVersion.IsAffectedByWalReset(Version.Parse(version)));

    [Fact]
    public void The_current_version_is_that_of_the_library()
    {
        using Microsoft.Data.Sqlite.SqliteConnection connection = new();
        Assert.Equal(connection.ServerVersion, SqliteVersion.Current.ToString());
    }
}
