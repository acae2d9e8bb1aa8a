using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Ledger.Support;

namespace FedValue.Tests.Ledger.Events;

public class EventTypesTests
{
    static readonly Type[] EventTypes = [.. typeof(LedgerEvent).Assembly.GetTypes().Where(type => type.BaseType == typeof(LedgerEvent))];
    static readonly Type[] Plain =
        [typeof(int), typeof(long), typeof(string), typeof(Digest), typeof(DoubleBits), typeof(StopText), typeof(CounterfactualTerms)];

    [Fact]
    public void Every_event_has_a_name_of_its_own()
    {
        JsonDerivedTypeAttribute[] named = [.. typeof(LedgerEvent).GetCustomAttributes<JsonDerivedTypeAttribute>()];
        Assert.Equal(EventTypes.ToHashSet(), named.Select(name => name.DerivedType).ToHashSet());
        Assert.Equal(named.Length, named.Select(name => name.TypeDiscriminator).Distinct().Count());
    }

    [Fact]
    public void Events_are_made_of_integers_strings_digests_and_bits_of_doubles_only()
    {
        HashSet<Type> seen = [];
        Assert.All(EventTypes, type => Walk(type, type.Name));
        Assert.Contains(typeof(MethodValuation), seen);

        void Walk(Type type, string where)
        {
            if (Plain.Contains(type))
                return;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            {
                Walk(type.GetGenericArguments()[0], where + "[]");
                return;
            }

            Assert.True(IsRecordOfTheEvents(type), $"{where} is a {type.Name}: use an integer, a string, a digest or DoubleBits.");
            if (!seen.Add(type))
                return;
            foreach (PropertyInfo property in Members(type))
                Walk(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, $"{where}.{property.Name}");
        }
    }

    [Fact]
    public void Only_what_is_not_always_there_may_be_missing()
    {
        NullabilityInfoContext context = new();
        string[] nullable =
        [
            .. typeof(LedgerEvent).Assembly.GetTypes().Where(IsRecordOfTheEvents)
                .SelectMany(Members)
                .Where(property => context.Create(property).ReadState != NullabilityState.NotNull)
                .Select(property => $"{property.DeclaringType!.Name}.{property.Name}"),
        ];
        Assert.Equal(
            [
                "FederationCreated.Validation",
                "FederationTerms.NormLimit", "FederationTerms.Schedule", "KeyReplaced.Signature", "ParticipantEnrolled.PublicKey",
                "RoundAggregated.ValidationAccuracy", "RoundAggregated.ValidationLoss",
                "RoundValued.CoalitionUtilities", "RoundValued.Memory", "SignedClaim.ClaimedLoss", "UpdateAccepted.ClaimedLoss",
                "UpdateAccepted.Signature", "UpdateRefused.Claim",
            ],
            nullable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_digest_of_an_event_names_a_blob_unless_the_update_was_refused()
    {
        Assert.All(new SmallFederation().Events, e =>
        {
            Digest[] expected = e is UpdateRefused ? [] : [.. Digests(e)];
            Assert.Equal(expected, EventBlobs.NamedBy(e));
        });

        static IEnumerable<Digest> Digests(object? value) => value switch
        {
            Digest digest => [digest],
            string => [],
            IEnumerable list => list.Cast<object>().SelectMany(Digests),
            not null when IsRecordOfTheEvents(value.GetType()) =>
                Members(value.GetType()).SelectMany(property => Digests(property.GetValue(value))),
            _ => [],
        };
    }

    static bool IsRecordOfTheEvents(Type type) => type.Namespace == typeof(LedgerEvent).Namespace && type.GetMethod("<Clone>$") is not null;

    static IEnumerable<PropertyInfo> Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
}
