using FedValue.Server.Http;

namespace FedValue.Server.Security;

/// <summary>How many of something run at a time: a bound for each participant, and one for all.</summary>
sealed class ConcurrencyGate(string what, int perOne, int inAll, int retryAfter)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    int _all;

    /// <summary>Lets one more begin; it ends when the result is disposed.</summary>
    /// <exception cref="ApiException">429: this one has too many; 503: the server has.</exception>
    public IDisposable Enter(string who)
    {
        lock (_lock)
        {
            int own = _running.GetValueOrDefault(who);
            if (own >= perOne)
                throw Problems.Busy(429, $"At most {perOne} of your {what} run at a time; wait for the one that runs.", retryAfter);
            if (_all >= inAll)
                throw Problems.Busy(503, $"The server runs {inAll} {what} already; try again in a moment.", retryAfter);
            _running[who] = own + 1;
            _all++;
        }
        return new Place(this, who);
    }

    void Leave(string who)
    {
        lock (_lock)
        {
            _all--;
            if (--_running[who] == 0)
                _running.Remove(who);
        }
    }

    sealed class Place(ConcurrencyGate gate, string who) : IDisposable
    {
        bool _left;

        public void Dispose()
        {
            if (!_left)
                gate.Leave(who);
            _left = true;
        }
    }
}
