namespace FedValue.Benchmarks.Kernels;

/// <summary>One kernel of ours against one peer, measured in turns: whatever disturbs the machine disturbs both.</summary>
sealed class Duel(string task, int threads, Contestant ours, string ourWork, Contestant peer, string peerWork)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100); // OpenBLAS's threads spin a while after a product, and would take a core

    readonly List<Sample> _ours = [], _peer = [];

    /// <summary>Both once, in alternating order; a warm-up is not counted.</summary>
    public void Round(int number, bool counts)
    {
        bool oursFirst = number % 2 == 0;
        Sample first = Measure(oursFirst), second = Measure(!oursFirst);
        if (!counts)
            return;
        _ours.Add(oursFirst ? first : second);
        _peer.Add(oursFirst ? second : first);
    }

    /// <summary>The figures so far; a ratio above 1 means that ours is faster.</summary>
    public DuelResult Result => new(
        task, threads, ours.Name, peer.Name, _ours.Count,
        OursMilliseconds: 1e3 * Median(_ours.Select(s => s.Seconds)), PeerMilliseconds: 1e3 * Median(_peer.Select(s => s.Seconds)),
        Ratio: Median(_peer.Zip(_ours, (p, o) => p.Seconds / o.Seconds)),
        RatioOfShortest: _peer.Min(s => s.Seconds) / _ours.Min(s => s.Seconds),
        RatioOfProcessorTime: Median(_peer.Zip(_ours, (p, o) => p.ProcessorSeconds / o.ProcessorSeconds)));

    Sample Measure(bool mine)
    {
        Thread.Sleep(Pause);
        return mine ? ours.Run(ourWork) : peer.Run(peerWork);
    }

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>A line of the table.</summary>
sealed record DuelResult(
    string Task, int Threads, string Ours, string Peer, int Rounds, double OursMilliseconds, double PeerMilliseconds,
    double Ratio, double RatioOfShortest, double RatioOfProcessorTime);
