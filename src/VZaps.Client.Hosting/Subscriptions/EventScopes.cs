using Microsoft.Extensions.DependencyInjection;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>A scope for each event and attempt: all its handlers and what they inject are made for it, and disposed after the last of them.</summary>
internal sealed class EventScopes(IServiceScopeFactory scopes)
{
    public Task RunAsync<THandler>(EventContext context, Func<THandler, Task> handle)
        where THandler : notnull =>
        handle(context.Share(() => new EventScope(scopes.CreateAsyncScope())).Services.GetRequiredService<THandler>());

    /// <summary>A type of our own, so that it is nobody else's key.</summary>
    private sealed class EventScope(AsyncServiceScope scope) : IAsyncDisposable
    {
        public IServiceProvider Services => scope.ServiceProvider;

        public ValueTask DisposeAsync() => scope.DisposeAsync();
    }
}
