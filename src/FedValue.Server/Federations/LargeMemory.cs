namespace FedValue.Server.Federations;

/// <summary>
/// Gives memory back after work on whole models: what a creation or a close of a large one has held would stay resident until the machine is
/// short of memory, several times the model.
/// </summary>
static class LargeMemory
{
    /// <summary>From this length of a model's file on it is worth the time of a collection.</summary>
    const long ModelLength = 16 << 20;

    /// <summary>Gives back what nobody holds any more, where the model is large.</summary>
    /// <param name="modelLength">The length of the model's file in bytes.</param>
    public static void Release(long modelLength)
    {
        if (modelLength >= ModelLength)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
