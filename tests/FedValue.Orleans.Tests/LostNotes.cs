using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace FedValue.Orleans.Tests;

/// <summary>Loses every note on its way into a stream of a silo, and counts them.</summary>
sealed class LostNotes : IOutgoingGrainCallFilter
{
    int _count;

    /// <summary>How many were lost.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Has a silo lose its notes.</summary>
    public void Configure(ISiloBuilder silo) => silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.MethodName != "Enqueue") // of the grain that holds a queue of memory streams
            return context.Invoke();
        Interlocked.Increment(ref _count);
        throw new TimeoutException("The note is lost.");
    }
}
