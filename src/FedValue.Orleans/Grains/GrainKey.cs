namespace FedValue.Orleans.Grains;

/// <summary>Keys of grains that belong to one participant of one federation; neither name can hold a slash.</summary>
static class GrainKey
{
    public static string Of(string federation, string participant) => $"{federation}/{participant}";

    public static (string Federation, string Participant) Split(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return (key[..slash], key[(slash + 1)..]);
    }
}
