using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using VZaps.Benchmarks;
using VZaps.Benchmarks.LogMeasuring;

if (args is [var measurement, ..] && LogMeasurements.Find(measurement) is { } run)
    return await run(args[1..]);

// In this process: a project that is generated for each benchmark would be built under this repository's analyzers.
BenchmarkSwitcher.FromAssembly(typeof(AckBenchmark).Assembly)
    .Run(args, DefaultConfig.Instance
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithId("in process"))
        .HideColumns(Column.Job, Column.IterationCount, Column.WarmupCount, Column.RunStrategy, Column.UnrollFactor));
return 0;
