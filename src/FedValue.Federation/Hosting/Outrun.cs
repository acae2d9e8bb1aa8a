using FedValue.Ledger;
using FedValue.Ledger.Storage;

namespace FedValue.Federation.Hosting;

/// <summary>Decisions that the ledger refused because it had moved on under them.</summary>
public static class Outrun
{
    /// <summary>How often a decision is taken at most.</summary>
    public const int AttemptsMax = 8;

    /// <summary>Whether a refusal may be another one when it is asked for again.</summary>
    public static bool IsOutrun(Exception refused) => refused is LedgerOrderException or LedgerConflictException;

    /// <summary>Takes a decision, anew while the ledger moves on under it.</summary>
    public static async Task<T> AgainAsync<T>(Func<Task<T>> decide)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await decide();
            }
            catch (Exception refused) when (IsOutrun(refused) && attempt < AttemptsMax)
            {
            }
        }
    }
}
