using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Support;

/// <summary>How every property is checked: on the same 100 cases each run, or on others when FEDVALUE_PROPERTY_SEED says so.</summary>
static class Properties
{
    static readonly ulong Seed =
        ulong.Parse(Environment.GetEnvironmentVariable("FEDVALUE_PROPERTY_SEED") ?? "20261122", CultureInfo.InvariantCulture);

    /// <summary>Fails with the smallest counterexample FsCheck finds.</summary>
    public static void Holds(this Property property) => property.Check(Config.QuickThrowOnFailure.WithReplay(Seed, 1));
}
