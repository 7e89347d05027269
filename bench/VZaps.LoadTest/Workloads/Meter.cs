using System.Diagnostics;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>What a server used since the meter was started.</summary>
internal sealed class Meter
{
    private readonly ServerProcess _process;
    private readonly TimeSpan _cpu, _ownCpu;
    private readonly long _began;

    private Meter(ServerProcess process)
    {
        process.ForgetPeak();
        (_process, _cpu, _ownCpu, _began) = (process, process.Cpu, ServerProcess.OwnCpu, Stopwatch.GetTimestamp());
    }

    public static Meter Start(ServerProcess process) => new(process);

    public Usage Read() => new(Stopwatch.GetElapsedTime(_began), _process.Cpu - _cpu, ServerProcess.OwnCpu - _ownCpu, _process.PeakBytes);
}

/// <summary>What was used.</summary>
/// <param name="Elapsed">Time by the clock.</param>
/// <param name="Cpu">CPU of the server.</param>
/// <param name="OwnCpu">CPU of the load.</param>
/// <param name="PeakBytes">The server's most resident memory.</param>
internal readonly record struct Usage(TimeSpan Elapsed, TimeSpan Cpu, TimeSpan OwnCpu, long PeakBytes);
