using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Signing;

namespace FedValue.Tests.Ledger.Signing;

/// <summary>Clients in other languages write these texts by themselves: not one byte may change.</summary>
public sealed class StatementsTests
{
    const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        C = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

    static readonly LedgerName Ledger = new("hospitals", Digest.Parse(A));

    [Fact]
    public void An_update_is_signed_with_round_model_digest_and_claims()
    {
        string text = Encoding.UTF8.GetString(Statements.Update(Ledger, 3, Digest.Parse(B), "north", Digest.Parse(C), 240, 0.5));
        Assert.Equal(
            $"fedvalue update 1\nfederation: hospitals\nledger: {A}\nround: 3\nmodel: {B}\nparticipant: north\nupdate: {C}\nexamples: 240\n"
            + "loss: 3fe0000000000000\n", text);
        Assert.EndsWith("\nloss: none\n", Encoding.UTF8.GetString(Statements.Update(Ledger, 3, default, "north", default, -5, null)));
    }

    [Fact]
    public void A_request_is_signed_with_method_path_and_time() => Assert.Equal(
        $"fedvalue request 1\nfederation: hospitals\nledger: {A}\nparticipant: north\nmethod: GET\npath: /federations/hospitals/payouts?round=1\n"
        + "time: 1790000000\n",
        Encoding.UTF8.GetString(Statements.Request(Ledger, "north", "GET", "/federations/hospitals/payouts?round=1", 1_790_000_000)));

    [Fact]
    public void Another_key_is_signed_as_it_stands_on_the_ledger() => Assert.Equal(
        $"fedvalue key 1\nfederation: hospitals\nledger: {A}\nparticipant: north\nkey: MFkw\n",
        Encoding.UTF8.GetString(Statements.Key(Ledger, "north", "MFkw")));
}
