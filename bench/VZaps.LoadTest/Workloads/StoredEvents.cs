using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Fills an instance's log with events that a reader has not read.</summary>
internal static class StoredEvents
{
    private const int Publishers = 4;
    private const int PerRequest = 200;

    public static async Task StoreAsync(IServer server, int instance, int first, int end)
    {
        await using var load = await ClosedLoop.OpenAsync(server, Publishers);
        await load.PublishAsync(first, end, PerRequest, _ => instance);
    }
}
