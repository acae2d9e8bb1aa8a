using FedValue.Ledger.Events;

namespace FedValue.Cli.Reporting;

/// <summary>Aggregators by what tells them apart: the name where it is enough, else with their settings.</summary>
static class AggregatorNames
{
    public static string InWords(IReadOnlyList<AggregatorTerms> pool)
    {
        if (pool.Count == 1)
            return pool[0].Name;
        string members = Figures.Names([.. pool.Select(member => Short(member.Name, pool))], "or");
        return $"FedRandom, which draws {members} anew each round";
    }

    public static string Short(string aggregator, IReadOnlyList<AggregatorTerms> pool)
    {
        string name = aggregator.Split(':')[0];
        return pool.Count(member => member.Name.Split(':')[0] == name) == 1 ? name : aggregator;
    }
}
