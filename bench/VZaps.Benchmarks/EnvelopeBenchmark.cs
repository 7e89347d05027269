using VZaps.Gateway.Ingest;

namespace VZaps.Benchmarks;

/// <summary>From a request's body to envelopes that are ready to be appended.</summary>
[MemoryDiagnoser]
public class EnvelopeBenchmark
{
    private const int LinesPerRequest = 100;
    private static readonly InstanceId Instance = InstanceId.New();
    private static readonly byte[] Lines = SampleEvents.Lines(LinesPerRequest);

    [Benchmark]
    public int OneEvent() => PublishRequestParser.ParseJson(SampleEvents.Body, Instance, DateTimeOffset.UnixEpoch).Count;

    [Benchmark(OperationsPerInvoke = LinesPerRequest)]
    public int OneOfHundredLines() => PublishRequestParser.ParseLines(Lines, Instance, DateTimeOffset.UnixEpoch).Count;

    /// <summary>The envelope alone, its data found already.</summary>
    [Benchmark(Baseline = true)]
    public int EnvelopeAlone() => SampleEvents.Draft(Instance).Utf8.Length;
}
