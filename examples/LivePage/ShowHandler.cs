using VZaps;

namespace LivePage;

/// <summary>A line for each event.</summary>
internal sealed class ShowHandler(Watchers watchers) : IEventHandler
{
    public Task HandleAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        watchers.Show($"{received.CreatedAt:HH:mm:ss} {received.Type} {received.Id}");
        return Task.CompletedTask;
    }
}
