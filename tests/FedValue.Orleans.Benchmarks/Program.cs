using FedValue.Orleans.Benchmarks;

await HostBenchmark.RunAsync(args);
