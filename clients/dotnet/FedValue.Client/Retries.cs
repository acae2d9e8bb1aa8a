using System.Security.Cryptography;
using System.Text;

namespace FedValue.Client;

/// <summary>An attempt failed in a way that another one may not.</summary>
/// <param name="message">What went wrong, as a sentence.</param>
/// <param name="after">How long the server asked to wait; null: it did not.</param>
sealed class TransientException(string message, TimeSpan? after = null) : Exception(message)
{
    public TimeSpan? After => after;
}

/// <summary>
/// Repeats attempts: after what the server asks for, else after 0.25 s, 0.5 s, ... up to 15 s, each shortened by up to a half, differently for
/// every participant, so that a restarted server does not meet all of them at once.
/// </summary>
sealed class Retries(ClientOptions options, string participant)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(250), Longest = TimeSpan.FromSeconds(15);

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        long began = options.Clock.GetTimestamp();
        for (int failed = 0; ; failed++)
        {
            try
            {
                return await attempt(cancellation);
            }
            catch (TransientException failure)
            {
                TimeSpan pause = failure.After ?? Pause(failed);
                if (options.Clock.GetElapsedTime(began) + pause > options.RetryFor)
                    throw new FederationException($"{failure.Message} It was tried for {options.RetryFor.TotalSeconds:0} seconds.");
                options.Notices?.Report($"{failure.Message} Trying again in {pause.TotalSeconds:0.0} seconds.");
                await Task.Delay(pause, options.Clock, cancellation);
            }
        }
    }

    /// <summary>How long to wait after so many failures.</summary>
    public TimeSpan Pause(int failed)
    {
        TimeSpan whole = First * (1 << Math.Min(failed, 6));
        byte spread = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{participant} {failed}")))[0];
        return (whole < Longest ? whole : Longest) * (0.5 + spread / 511.0);
    }
}
