using System.Threading.RateLimiting;
using FedValue.Server.Http;

namespace FedValue.Server.Security;

/// <summary>Slows down whoever fails too often: guessing tokens, forging signatures, filling a ledger with refused updates.</summary>
sealed class FailureLimiter(int perMinute) : IDisposable
{
    const int RetryAfter = 60;

    readonly PartitionedRateLimiter<string> _failures = PartitionedRateLimiter.Create<string, string>(who =>
        RateLimitPartition.GetFixedWindowLimiter(who, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = perMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>Lets through who has failures left.</summary>
    /// <exception cref="ApiException">429: it has failed too often in this minute.</exception>
    public void Check(string who)
    {
        // Asking for no permits tells whether there are any.
        using RateLimitLease lease = _failures.AttemptAcquire(who, permitCount: 0);
        if (!lease.IsAcquired)
            throw Problems.Busy(429, $"At most {perMinute} failures a minute are borne; wait and correct what fails.", RetryAfter);
    }

    public void Count(string who) => _failures.AttemptAcquire(who).Dispose();

    public void Dispose() => _failures.Dispose();
}
