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
            throw TooMany();
    }

    public void Count(string who) => _failures.AttemptAcquire(who).Dispose();

    /// <summary>Counts a failure.</summary>
    /// <exception cref="ApiException">429: it is one too many in this minute.</exception>
    public void CountOrRefuse(string who)
    {
        using RateLimitLease lease = _failures.AttemptAcquire(who);
        if (!lease.IsAcquired)
            throw TooMany();
    }

    ApiException TooMany() => Problems.Busy(429, $"At most {perMinute} failures a minute are borne; wait and correct what fails.", RetryAfter);

    public void Dispose() => _failures.Dispose();
}
