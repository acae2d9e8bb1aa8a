using System.Diagnostics;
using System.Diagnostics.Metrics;
using FedValue.Federation.Hosting;
using FedValue.Ledger.Events;

namespace FedValue.Server.Telemetry;

/// <summary>
/// What the server says about itself while it works: spans of one source, figures of one meter. Tags of figures are reasons and names of methods,
/// of which there are few; federations and participants would make a series each, and spans name them.
/// </summary>
sealed class ServerTelemetry : IDisposable
{
    /// <summary>The name of source and meter.</summary>
    public const string Name = "FedValue.Server";

    const string Seconds = "s", Reason = "fedvalue.reason", Method = "fedvalue.method";

    static readonly InstrumentAdvice<double>
        Short = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] },
        Medium = new() { HistogramBucketBoundaries = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400] },
        Long = new() { HistogramBucketBoundaries = [1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 604_800] };

    readonly Histogram<double> _round, _age, _valuation, _append;
    readonly Counter<long> _received, _refused, _evaluations, _appends;
    readonly UpDownCounter<long> _streams;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Owns the meter.</param>
    public ServerTelemetry(IMeterFactory meters)
    {
        Meter = meters.Create(Name);
        _round = Meter.CreateHistogram("fedvalue.round.duration", Seconds, "From the opening of a round to its payment.", null, Long);
        _age = Meter.CreateHistogram("fedvalue.update.age", Seconds, "From the opening of a round to an accepted update.", null, Long);
        _received = Meter.CreateCounter<long>("fedvalue.upload.received", "By", "Bytes of updates, accepted or not.");
        _refused = Meter.CreateCounter<long>("fedvalue.upload.refused", "{update}", "Uploads that were not accepted, by reason.");
        _valuation = Meter.CreateHistogram("fedvalue.valuation.duration", Seconds, "One method valuing one round.", null, Medium);
        _evaluations = Meter.CreateCounter<long>("fedvalue.valuation.evaluations", "{evaluation}", "Coalitions measured, by method.");
        _appends = Meter.CreateCounter<long>("fedvalue.ledger.appends", "{entry}", "Entries appended.");
        _append = Meter.CreateHistogram("fedvalue.ledger.append.duration", Seconds, "One append, until it is durable.", null, Short);
        _streams = Meter.CreateUpDownCounter<long>("fedvalue.event_stream.active", "{stream}", "Event streams that are open.");
    }

    /// <summary>The meter, alone of its name in this server.</summary>
    public Meter Meter { get; }

    /// <summary>The source of the server's own spans.</summary>
    public ActivitySource Source { get; } = new(Name);

    /// <summary>Whether somebody wants to know how old updates are.</summary>
    public bool WantsAges => _age.Enabled;

    /// <summary>Says how many entries all ledgers have together, when asked.</summary>
    public void ObserveLedgers(Func<long> size) =>
        Meter.CreateObservableUpDownCounter("fedvalue.ledger.size", size, "{entry}", "Entries of all ledgers together.");

    /// <summary>Closes a round, in a span that begins a trace.</summary>
    public async Task RoundAsync(string federation, RoundOpened opened, TimeProvider clock, Func<Task<PaidRound>> close)
    {
        using Activity? span = Source.StartActivity("round close");
        span?.SetTag("fedvalue.federation", federation).SetTag("fedvalue.round", opened.Round);
        PaidRound paid;
        try
        {
            paid = await close();
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        _round.Record((clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(opened.At)).TotalSeconds);
        foreach ((string method, TimeSpan time) in paid.Times)
            _valuation.Record(time.TotalSeconds, new KeyValuePair<string, object?>(Method, Bare(method)));
        foreach (MethodValuation valuation in paid.Valued.Valuations)
            _evaluations.Add(valuation.Evaluations, new KeyValuePair<string, object?>(Method, Bare(valuation.Method)));
    }

    /// <summary>Entries are durable.</summary>
    public void Appended(int entries, TimeSpan time)
    {
        _appends.Add(entries);
        _append.Record(time.TotalSeconds);
    }

    /// <summary>An update was accepted so long after its round had opened.</summary>
    public void UpdateAccepted(TimeSpan age) => _age.Record(age.TotalSeconds);

    /// <summary>So many bytes of an update came.</summary>
    public void Received(long bytes) => _received.Add(bytes);

    /// <summary>An upload was not accepted.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="reason">One of the API's codes, which are few.</param>
    public void UploadRefused(Activity? span, string reason)
    {
        _refused.Add(1, new KeyValuePair<string, object?>(Reason, reason));
        span?.SetTag(Reason, reason).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>An event stream is open until the result is disposed.</summary>
    public IDisposable EventStream()
    {
        _streams.Add(1);
        return new OpenStream(_streams);
    }

    /// <summary>Ends the source; the meter ends with its factory.</summary>
    public void Dispose() => Source.Dispose();

    /// <summary>A method without its settings, of which there could be any number.</summary>
    static string Bare(string method) => method.Split(':')[0];

    sealed class OpenStream(UpDownCounter<long> streams) : IDisposable
    {
        public void Dispose() => streams.Add(-1);
    }
}
