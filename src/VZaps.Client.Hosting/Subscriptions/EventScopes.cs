using Microsoft.Extensions.DependencyInjection;

namespace VZaps.Client.Hosting.Subscriptions;

/// <summary>A scope for each event: its handler and what that injects are made for it, and disposed after it.</summary>
internal sealed class EventScopes(IServiceScopeFactory scopes)
{
    public async Task RunAsync<THandler>(Func<THandler, Task> handle)
        where THandler : notnull
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
            await handle(scope.ServiceProvider.GetRequiredService<THandler>()).ConfigureAwait(false);
    }
}
