using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>One kind of load.</summary>
internal interface IWorkload
{
    string Name { get; }

    ServerNeeds Needs { get; }

    /// <summary>Loads a fresh server; returns what was measured.</summary>
    /// <exception cref="InvalidDataException">An event came twice.</exception>
    /// <exception cref="TimeoutException">An event was lost.</exception>
    Task<IReadOnlyList<Figure>> RunAsync(IServer server);
}
