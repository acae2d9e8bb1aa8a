using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using FedValue.Benchmarks;
using FedValue.Benchmarks.Kernels;

if (args is ["round-kernels", ..])
{
    FedValue.Benchmarks.RoundKernels.RoundKernelBenchmark.Run(args);
    return;
}

if (args is ["large-model", ..])
{
    await FedValue.Benchmarks.Uploads.LargeModelBenchmark.RunAsync(args);
    return;
}

if (args is ["uploads", ..])
{
    await FedValue.Benchmarks.Uploads.UploadBenchmark.RunAsync(args);
    return;
}

if (args is [FedValue.Benchmarks.Uploads.BareSockets.Command, var folder, var uploads, var length])
{
    FedValue.Benchmarks.Uploads.BareSockets.Receive(folder, int.Parse(uploads, null), long.Parse(length, null));
    return;
}

if (args is ["coalitions", ..])
{
    FedValue.Benchmarks.Coalitions.CoalitionBenchmark.Run(args);
    return;
}

if (args is ["samplers"])
{
    await SamplerErrors.RunAsync();
    return;
}

if (args is ["kernel-worker"])
{
    KernelWorker.Run();
    return;
}

if (args is ["kernels"])
{
    KernelBenchmark.Run(SamplerErrors.Folder());
    return;
}

// Whole rounds take from a millisecond to a minute: one run per iteration, medians of five after a warm-up.
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.DontLogOutput).WithStrategy(RunStrategy.Monitoring)
    .WithWarmupCount(1).WithIterationCount(5).WithInvocationCount(1).WithUnrollFactor(1);
ManualConfig config = ManualConfig.CreateEmpty().AddJob(job).AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
    .WithOptions(ConfigOptions.DisableOptimizationsValidator).WithArtifactsPath(Path.Combine(Path.GetTempPath(), "fedvalue-benchmarks"));
Summary summary = BenchmarkRunner.Run<RoundBenchmark>(config, args);
Console.WriteLine();
Console.WriteLine($"Seconds per round and method, medians of 5, {Environment.ProcessorCount} threads, {FedValue.Kernels.CpuBackend.VectorTier}:");
Console.WriteLine();
Console.WriteLine(RoundTable.Write(summary));
