using VZaps;

namespace LivePage;

/// <summary>A line for each event.</summary>
internal sealed class ShowHandler(Watchers watchers) : IEventHandler
{
    public Task HandleAsync(EventContext context)
    {
        watchers.Show($"{context.Event.CreatedAt:HH:mm:ss} {context.Event.Type} {context.Event.Id}");
        return Task.CompletedTask;
    }
}
