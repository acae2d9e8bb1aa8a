using FedValue.Orleans.Messages;

namespace FedValue.Orleans.Grains;

/// <summary>The role that judges one participant's updates. Key: <c>federation/participant</c>.</summary>
[Alias("fedvalue.IParticipantGrain")]
public interface IParticipantGrain : IGrainWithStringKey
{
    /// <summary>Whether the bytes of an update are wanted, as far as its claim tells.</summary>
    [Alias("wants")]
    Task<WantedMessage> WantsAsync(ClaimMessage claim);

    /// <summary>Decides about an update whose bytes were looked at, or need not be, and has the ledger write the decision down.</summary>
    [Alias("submit")]
    Task<SubmissionMessage> SubmitAsync(ClaimMessage claim, IntakeMessage intake);
}

/// <summary>The role that opens and closes rounds. Key: the federation.</summary>
[Alias("fedvalue.IAggregatorGrain")]
public interface IAggregatorGrain : IGrainWithStringKey
{
    /// <summary>Opens the next round for a cohort.</summary>
    [Alias("open")]
    Task<AppendMessage> OpenRoundAsync(string[] cohort);

    /// <summary>Sees to it that this round is being aggregated, and says how far that is; no other round is ever begun.</summary>
    [Alias("close")]
    Task<WorkMessage> CloseRoundAsync(int round);

    /// <summary>The command by which finished work comes back from outside of the grain's turns.</summary>
    [Alias("complete")]
    Task CompleteAsync();

    /// <summary>Stops work that runs on this round or an earlier one; the round stays as it is on the ledger.</summary>
    [Alias("cancel")]
    Task CancelAsync(int round);
}

/// <summary>The role that values rounds. Key: the federation.</summary>
[Alias("fedvalue.IContributionGrain")]
public interface IContributionGrain : IGrainWithStringKey
{
    /// <summary>Sees to it that this round, once aggregated, is being valued and paid, and says how far that is.</summary>
    [Alias("value")]
    Task<WorkMessage> ValueRoundAsync(int round);

    /// <summary>The command by which finished work comes back from outside of the grain's turns.</summary>
    [Alias("complete")]
    Task CompleteAsync();

    /// <summary>Stops work that runs on this round or an earlier one; the round stays as it is on the ledger.</summary>
    [Alias("cancel")]
    Task CancelAsync(int round);
}

/// <summary>The role that appends and pays, the only one that writes. Key: the federation.</summary>
[Alias("fedvalue.ILedgerGrain")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <summary>Appends events, each in the bytes of its entry: all or none.</summary>
    [Alias("append")]
    Task<AppendMessage> AppendAsync(byte[][] events);

    /// <summary>Pays a valued round: valuation and payouts are one append.</summary>
    /// <param name="valued">The valuation in the bytes of its entry.</param>
    /// <param name="values">The values of the method that the terms pay by.</param>
    [Alias("settle")]
    Task<AppendMessage> SettleAsync(byte[] valued, double[] values);

    /// <summary>The receipt of the first entry of these bytes in the tree as it is now; no receipt when there is none.</summary>
    [Alias("find")]
    Task<AppendMessage> FindReceiptAsync(byte[] entry);
}
