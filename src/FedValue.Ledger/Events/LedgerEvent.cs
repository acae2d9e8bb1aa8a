using System.Text.Json.Serialization;

namespace FedValue.Ledger.Events;

/// <summary>
/// Something that happened to a federation: the payload of one ledger entry. Every property is an integer, a string, a digest, a
/// <see cref="DoubleBits"/>, or a list or record of those; a test walks the types and refuses anything else.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FederationCreated), "federation-created")]
[JsonDerivedType(typeof(ParticipantEnrolled), "participant-enrolled")]
[JsonDerivedType(typeof(KeyReplaced), "key-replaced")]
[JsonDerivedType(typeof(KeyRevoked), "key-revoked")]
[JsonDerivedType(typeof(RoundOpened), "round-opened")]
[JsonDerivedType(typeof(UpdateAccepted), "update-accepted")]
[JsonDerivedType(typeof(UpdateRefused), "update-refused")]
[JsonDerivedType(typeof(RoundAggregated), "round-aggregated")]
[JsonDerivedType(typeof(RoundValued), "round-valued")]
[JsonDerivedType(typeof(PayoutsPosted), "payouts-posted")]
[JsonDerivedType(typeof(RoundAbandoned), "round-abandoned")]
[JsonDerivedType(typeof(FederationClosed), "federation-closed")]
public abstract record LedgerEvent;
