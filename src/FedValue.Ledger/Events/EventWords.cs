namespace FedValue.Ledger.Events;

/// <summary>What an event is called in a sentence for people.</summary>
static class EventWords
{
    /// <summary>A noun with its article, for example <c>the opening of round 3</c>.</summary>
    public static string Of(LedgerEvent ledgerEvent) => ledgerEvent switch
    {
        FederationCreated => "the beginning of a federation",
        ParticipantEnrolled e => $"the enrolment of '{e.Participant}'",
        KeyReplaced e => $"another key of '{e.Participant}'",
        KeyRevoked e => $"the revocation of the key of '{e.Participant}'",
        RoundOpened e => $"the opening of round {e.Round}",
        UpdateAccepted e => $"an update of '{e.Participant}'",
        UpdateRefused e => $"a refused update of '{e.Participant}'",
        RoundAggregated e => $"the aggregate of round {e.Round}",
        RoundValued e => $"the valuation of round {e.Round}",
        PayoutsPosted e => $"the payouts of round {e.Round}",
        RoundAbandoned e => $"the end of round {e.Round} without payment",
        FederationClosed => "the end of the federation",
        _ => "an event of an unknown kind",
    };
}
