using System.Text;
using System.Text.Json;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Payments;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger.Events;

public class EventJsonTests
{
    static readonly IReadOnlyList<LedgerEvent> Samples =
        [.. new SmallFederation().Events, new RoundAbandoned(2, Digest.Of("model"u8), "The disk is full.", 7)];
    const string Enrolment = "\"participant\":\"ada\",\"declaredExamples\":10,\"at\":0}";
    static readonly Digest Model = Digest.Of("abc"u8);

    [Fact]
    public void An_event_is_compact_JSON_with_its_type_first_and_its_members_in_order()
    {
        UpdateAccepted accepted = new(3, "ada", Model, 10, 4096, 1700000000000);
        Assert.Equal(
            """{"type":"update-accepted","round":3,"participant":"ada","""
                + "\"update\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
                + "\"examples\":10,\"bytes\":4096,\"at\":1700000000000}",
            Text(accepted));
        RoundAggregated aggregated = new(3, 2, Model, Model, 0.1, -0.0);
        Assert.EndsWith(",\"validationLoss\":\"3fb999999999999a\",\"validationAccuracy\":\"8000000000000000\"}", Text(aggregated));
    }

    [Fact]
    public void Text_is_readable_UTF_8()
    {
        UpdateRefused refusal = new(1, "ada", Model, "shape", "Größe 'x' < 5 & > 3 + \"é\"", 0);
        Assert.Contains("""
            "detail":"Größe 'x' < 5 & > 3 + \"é\"",
            """, Text(refusal));
    }

    [Fact]
    public void Every_event_comes_back_as_it_was()
    {
        foreach (LedgerEvent sample in Samples)
        {
            byte[] bytes = EventJson.Serialize(sample);
            LedgerEvent read = EventJson.Parse(bytes);
            Assert.Equal(sample.GetType(), read.GetType());
            Assert.Equal(Encoding.UTF8.GetString(bytes), Text(read));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.Epsilon)]
    [InlineData(-0.0)]
    [InlineData(0.1)]
    public void A_double_keeps_its_bits(double value)
    {
        RoundAggregated read = (RoundAggregated)EventJson.Parse(EventJson.Serialize(new RoundAggregated(1, 1, Model, Model, value, 0)));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read.ValidationLoss!.Value.Value));
    }

    [Fact]
    public void Everything_but_the_events_themselves_is_refused()
    {
        foreach (LedgerEvent sample in Samples)
        {
            string json = Text(sample);
            using JsonDocument document = JsonDocument.Parse(json);
            Assert.Equal(json, JsonMutations.Render(document.RootElement));
            // The nulls that are values, and the members that may be left out.
            string[] legal = sample switch
            {
                RoundValued valued => [Text(valued with { CoalitionUtilities = null }), Text(valued with { Memory = null })],
                FederationCreated created => [Text(created with { Validation = null })],
                RoundAggregated aggregated =>
                    [Text(aggregated with { ValidationLoss = null }), Text(aggregated with { ValidationAccuracy = null })],
                UpdateAccepted accepted => [Text(accepted with { ClaimedLoss = null })],
                _ => [],
            };
            string[] refused = [.. JsonMutations.Of(document.RootElement).Except(legal)];
            Assert.True(refused.Length > 20);
            foreach (string text in refused)
                Assert.True(IsRefused(text), $"this was read: {text}");
        }
    }

    [Fact]
    public void Coalition_utilities_that_nobody_computed_are_null_and_never_left_out()
    {
        string json = Text(Samples.OfType<RoundValued>().Last());
        Assert.Contains(",\"coalitionUtilities\":null,", json);
        Assert.Null(Assert.IsType<RoundValued>(Parse(json)).CoalitionUtilities);
        Assert.True(IsRefused(json.Replace("\"coalitionUtilities\":null,", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_there_is_not_without_validation_rows_is_null_and_never_left_out()
    {
        string created = Text(Samples.OfType<FederationCreated>().First() with { Validation = null });
        Assert.Contains(",\"validation\":null,", created);
        Assert.Null(Assert.IsType<FederationCreated>(Parse(created)).Validation);
        Assert.True(IsRefused(created.Replace("\"validation\":null,", "", StringComparison.Ordinal)));

        RoundAggregated unmeasured = Samples.OfType<RoundAggregated>().First() with { ValidationLoss = null, ValidationAccuracy = null };
        string aggregated = Text(unmeasured);
        Assert.EndsWith(",\"validationLoss\":null,\"validationAccuracy\":null}", aggregated);
        Assert.Equal(unmeasured, Parse(aggregated));
        Assert.True(IsRefused(aggregated.Replace(",\"validationAccuracy\":null", "", StringComparison.Ordinal)));
        Assert.True(IsRefused(aggregated.Replace("\"validationLoss\":null,", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_loss_that_nobody_claims_is_left_out_and_never_null()
    {
        UpdateAccepted without = Samples.OfType<UpdateAccepted>().First() with { ClaimedLoss = null };
        string bare = Text(without);
        Assert.DoesNotContain("claimedLoss", bare);
        Assert.Null(Assert.IsType<UpdateAccepted>(Parse(bare)).ClaimedLoss);
        Assert.True(IsRefused(bare[..^1] + ",\"claimedLoss\":null}"));
        Assert.Equal(bare[..^1] + ",\"claimedLoss\":\"3ff8000000000000\"}", Text(without with { ClaimedLoss = 1.5 }));
    }

    [Fact]
    public void Memory_that_nobody_has_is_left_out_and_never_null()
    {
        RoundValued without = Samples.OfType<RoundValued>().Last() with { Memory = null };
        string bare = Text(without);
        Assert.DoesNotContain("memory", bare);
        Assert.Null(Assert.IsType<RoundValued>(Parse(bare)).Memory);
        Assert.True(IsRefused(bare[..^1] + ",\"memory\":null}"));

        string json = Text(without with { Memory = Model });
        Assert.Equal($"{bare[..^1]},\"memory\":\"{Model}\"}}", json);
        Assert.Equal(Model, Assert.IsType<RoundValued>(Parse(json)).Memory);
        using JsonDocument document = JsonDocument.Parse(json);
        string[] legal = [bare, Text(without with { CoalitionUtilities = null, Memory = Model })];
        Assert.All(JsonMutations.Of(document.RootElement).Except(legal), text => Assert.True(IsRefused(text), $"this was read: {text}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("{\"type\":\"federation-closed\"}")]
    [InlineData("{\"type\":\"unheard-of\",\"round\":1}")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":null}")]
    public void Bytes_that_are_no_event_are_refused(string text) => Assert.True(IsRefused(text));

    [Theory]
    [InlineData("{0}x")]
    [InlineData("{0}{0}")]
    [InlineData("{0},")]
    [InlineData("[{0}]")]
    [InlineData("/* why */{0}")]
    [InlineData("{0}// why")]
    [InlineData("\uFEFF{0}")]
    [InlineData("{0}\0")]
    public void Nothing_may_stand_around_an_event(string format)
    {
        string json = Text(new ParticipantEnrolled("ada", 10, 0));
        Assert.False(IsRefused(json));
        Assert.True(IsRefused(format.Replace("{0}", json, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{\"participant\":\"ada\",\"type\":\"participant-enrolled\",\"declaredExamples\":10,\"at\":0}")]
    [InlineData("{\"type\":\"participant-enrolled\",\"type\":\"participant-enrolled\"," + Enrolment)]
    [InlineData("{\"type\":\"participant-enrolled\",\"participant\":\"ada\",\"declaredExamples\":10,\"at\":0,}")]
    [InlineData("{\"type\":\"participant-enrolled\",\"participant\":\"ada\",/**/\"declaredExamples\":10,\"at\":0}")]
    [InlineData("{\"type\":\"participant-enrolled\",\"participant\":\"\\ud800\",\"declaredExamples\":10,\"at\":0}")]
    [InlineData("{\"$type\":\"participant-enrolled\"," + Enrolment)]
    public void A_form_that_nobody_writes_is_refused(string text) => Assert.True(IsRefused(text));

    [Fact]
    public void A_damaged_byte_gives_an_event_or_a_format_error_and_nothing_else()
    {
        foreach (byte[] bytes in Samples.Select(EventJson.Serialize))
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                foreach (byte other in new byte[] { 0, (byte)'"', (byte)'{', (byte)'9', 0x80, 0xff, (byte)(bytes[i] ^ 1) })
                {
                    byte[] damaged = bytes.ToArray();
                    damaged[i] = other;
                    Exception? thrown = Record.Exception(() => EventJson.Parse(damaged));
                    Assert.True(thrown is null or LedgerFormatException, $"{thrown}");
                }
            }
        }
    }

    [Fact]
    public void An_event_longer_than_an_entry_is_refused_both_ways()
    {
        UpdateRefused Refusal(int length) => new(1, "ada", Model, "shape", new string('x', length), 0);
        int fits = EventJson.LengthMax - EventJson.Serialize(Refusal(0)).Length;
        byte[] longest = EventJson.Serialize(Refusal(fits));
        Assert.Equal(EventJson.LengthMax, longest.Length);
        EventJson.Parse(longest);

        LedgerFormatException written = Assert.Throws<LedgerFormatException>(() => EventJson.Serialize(Refusal(fits + 1)));
        LedgerFormatException read = Assert.Throws<LedgerFormatException>(() => EventJson.Parse([.. longest, (byte)' ']));
        Assert.All([written, read], refused => Assert.Contains("65536", refused.Message));
    }

    [Fact]
    public void The_longest_ids_fit_four_hundred_times_into_an_entry_and_short_ones_as_often_as_a_round_may_invite()
    {
        string[] all = [.. Enumerable.Range(0, FederationState.CohortMax).Select(i => $"site-{i:d4}")];
        EventJson.Serialize(new RoundOpened(int.MaxValue, Model, new string('a', 200), all, long.MaxValue));
        string[] cohort = [.. Enumerable.Range(0, PayoutSlices.LengthMax).Select(i => $"{i:d3}".PadRight(ParticipantId.LengthMax, 'x'))];
        Payout[] payouts = [.. cohort.Select(participant => new Payout(participant, (1L << 53) - 1, long.MaxValue))];
        EventJson.Serialize(new RoundOpened(int.MaxValue, Model, new string('a', 200), cohort, long.MaxValue));
        EventJson.Serialize(new PayoutsPosted(int.MaxValue, new string('m', 200), "proportional", long.MaxValue, long.MaxValue, payouts));
    }

    static string Text(LedgerEvent ledgerEvent) => Encoding.UTF8.GetString(EventJson.Serialize(ledgerEvent));

    static LedgerEvent Parse(string text) => EventJson.Parse(Encoding.UTF8.GetBytes(text));

    static bool IsRefused(string text) => Record.Exception(() => Parse(text)) switch
    {
        null => false,
        LedgerFormatException => true,
        var other => throw new InvalidOperationException($"another kind of error for {text}", other),
    };
}
