using System.Reflection;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Storage;
using FedValue.Orleans.Messages;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedValue.Orleans.Tests;

/// <summary>One type that cannot be serialized breaks every method of a grain, at run time only: so every one is sent once here.</summary>
public sealed class MessageTests(RolesCluster cluster) : IClassFixture<RolesCluster>
{
    static readonly Digest Some = Digest.Of([1]);

    static readonly object[] Sent =
    [
        ClaimMessage.Of(new UpdateClaim("a", 3, Some, 100, 10, 0.5, "sig")),
        ClaimMessage.Of(new UpdateClaim("a", 3, Some, 100, 10)),
        new WantedMessage(true),
        new WantedMessage(false, new FailureMessage("format", "why")),
        new IntakeMessage(true, "not-finite", "a sentence"),
        new IntakeMessage(false, null, null),
        IntakeMessage.Of(true, new UpdateFault("mismatch", "a sentence", new UpdateBlame(UpdatePart.Tensor, "F32 [2]", "F32 [1]", "bias"))),
        new SubmissionMessage(false, "no", "mismatch", Receipt(), null, BlameMessage.Of(new UpdateBlame(UpdatePart.Digest, "this", null))),
        new SubmissionMessage(true, null, null, Receipt()),
        new SubmissionMessage(false, "no", "examples", null, new FailureMessage("order", "why")),
        new AppendMessage([Receipt()]),
        new EntryNote(7, "UpdateAccepted", Some.ToString()),
        WorkMessage.Done(new Dictionary<string, double> { ["exact"] = 0.25 }),
        WorkMessage.Running("exact"),
        WorkMessage.Failed(new FailureMessage("round", "why")),
        new byte[] { 1, 2 },
        new byte[][] { [1, 2], [] },
        new double[] { 1, -0.0, double.NaN },
        new[] { "a", "b" },
    ];

    public static TheoryData<int> Messages => [.. Enumerable.Range(0, Sent.Length)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Whatever_grains_say_to_each_other_arrives_as_it_was(int index)
    {
        object message = Sent[index];
        Serializer serializer = cluster.Cluster.Client.ServiceProvider.GetRequiredService<Serializer>();
        object? arrived = serializer.Deserialize<object>(serializer.SerializeToArray(message));
        Assert.Equivalent(message, arrived, strict: true);
        Assert.IsType(message.GetType(), arrived);
    }

    [Fact]
    public void Every_type_that_a_grain_method_names_is_among_the_messages()
    {
        Type[] sent = [.. Sent.Select(message => message.GetType()), typeof(int)];
        IEnumerable<Type> named = typeof(ClaimMessage).Assembly.GetTypes()
            .Where(type => type.IsInterface && typeof(IGrainWithStringKey).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => (Type[])[.. method.GetParameters().Select(p => p.ParameterType), .. method.ReturnType.GetGenericArguments()]);
        Assert.All(named.Distinct(), type => Assert.Contains(type, sent));
    }

    public static TheoryData<int> Failures => [.. Enumerable.Range(0, Thrown.Length)];

    static readonly Exception[] Thrown =
    [
        new LedgerOrderException("It cannot follow."), new RoundException("There is no round."), new LedgerFormatException("It is damaged."),
        new HostBusyException("the ledger"), new LedgerConflictException(3, 5), new BlobMissingException(Some),
        new BlobDamagedException(Some, Digest.Of([2])), new IOException("The disk is full."),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_is_thrown_as_what_it_was(int index)
    {
        Exception failure = Thrown[index], again = FailureMessage.Of(failure).ToException();
        Assert.True(FailureMessage.Carries(failure));
        Assert.IsType(failure.GetType(), again);
        Assert.Equal(failure.Message, again.Message);
        Assert.False(FailureMessage.Carries(new TimeoutException("No silo answers."))); // whoever asked asks again
    }

    [Fact]
    public void No_type_of_the_domain_knows_Orleans()
    {
        Assert.DoesNotContain(
            typeof(Participant).Assembly.GetReferencedAssemblies().Concat(typeof(Digest).Assembly.GetReferencedAssemblies()),
            reference => reference.Name!.StartsWith("Orleans", StringComparison.Ordinal));
    }

    static ReceiptMessage Receipt() => ReceiptMessage.Of(new Receipt(4, Some, new TreeHead(5, Some), [Some, Digest.Of([2])]));
}
