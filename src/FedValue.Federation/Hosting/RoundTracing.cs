using System.Diagnostics;
using FedValue.Federation.Rounds;

namespace FedValue.Federation.Hosting;

/// <summary>
/// Spans around a round's long work, for whoever listens to the source: one per aggregation, one per valuation and below it one per method.
/// Belongs to a host; where nobody listens the work is run as it is.
/// </summary>
public sealed class RoundTracing : IDisposable
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "FedValue.Rounds";

    readonly ActivitySource _source = new(SourceName);

    /// <summary>The aggregation in a span.</summary>
    public AggregationWork Traced(AggregationWork work) => async cancellation =>
    {
        using Activity? span = _source.StartActivity("round aggregation");
        return await NotedAsync(span, () => work(cancellation));
    };

    /// <summary>The valuation in a span, each of its methods in one below.</summary>
    public ValuationWork Traced(ValuationWork work) => async (progress, cancellation) =>
    {
        using Activity? span = _source.StartActivity("round valuation");
        if (span is null)
            return await work(progress, cancellation);
        using var methods = new MethodSpans(_source, progress);
        return await NotedAsync(span, () => methods.NotedAsync(() => work(methods, cancellation)));
    };

    /// <summary>Ends the source.</summary>
    public void Dispose() => _source.Dispose();

    static async Task<T> NotedAsync<T>(Activity? span, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
    }

    /// <summary>
    /// A method's span begins where its name is reported and ends where the next one begins; the last one ends with the work, when the round's
    /// blobs are stored. Used by the thread that works.
    /// </summary>
    sealed class MethodSpans(ActivitySource source, IProgress<string>? progress) : IProgress<string>, IDisposable
    {
        Activity? _method;

        public void Report(string value)
        {
            _method?.Dispose();
            _method = source.StartActivity("valuation method")?.SetTag("fedvalue.method", value);
            progress?.Report(value);
        }

        public async Task<T> NotedAsync<T>(Func<Task<T>> work)
        {
            try
            {
                return await work();
            }
            catch (Exception failure)
            {
                _method?.SetStatus(ActivityStatusCode.Error, failure.Message);
                throw;
            }
        }

        public void Dispose() => _method?.Dispose();
    }
}
