namespace VZaps.Client.Tests.Ways;

/// <summary><c>StreamAsync</c>: a loop that handles one delivery after the other, or one that hands them on to a task for each chat.</summary>
public sealed class PullWay(bool isParallel) : WayToConsume
{
    public override bool IsParallel => isParallel;

    public override Task<RunningConsumer> BeginAsync(VZapsClient client, EventSubscribeRequest request, Func<VZapsEvent, CancellationToken, Task> handle) =>
        Task.FromResult<RunningConsumer>(new Running(client, request, handle, isParallel));

    public override string ToString() => isParallel ? "pull in parallel" : "pull";

    private sealed class Running : RunningConsumer
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Dictionary<string, Task> _chats = [];
        private readonly Func<VZapsEvent, CancellationToken, Task> _handle;

        public Running(VZapsClient client, EventSubscribeRequest request, Func<VZapsEvent, CancellationToken, Task> handle, bool isParallel)
        {
            _handle = handle;
            Ended = Task.Run(() => PullAsync(client.Events.StreamAsync(request, _stopping.Token), isParallel));
        }

        public override Task Ended { get; }

        public override async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private async Task PullAsync(IAsyncEnumerable<EventDelivery> stream, bool isParallel)
        {
            try
            {
                await foreach (var delivery in stream)
                {
                    if (isParallel)
                        _chats[Chat(delivery)] = HandleAfterAsync(_chats.GetValueOrDefault(Chat(delivery), Task.CompletedTask), delivery);
                    else
                        await HandleAsync(delivery);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Asked for.
            }

            await Task.WhenAll(_chats.Values);
        }

        private async Task HandleAfterAsync(Task earlier, EventDelivery delivery)
        {
            await earlier;
            await Task.Yield();
            try
            {
                await HandleAsync(delivery);
            }
            catch (VZapsRealtimeException)
            {
                // The stream ended meanwhile: the event is owed.
            }
        }

        private async Task HandleAsync(EventDelivery delivery)
        {
            try
            {
                await _handle(delivery.Event, CancellationToken.None);
            }
            catch (RejectEventException rejection)
            {
                await delivery.RejectAsync(rejection.Message);
                return;
            }
            catch (Exception failure) when (failure is not VZapsRealtimeException)
            {
                await delivery.NackAsync();
                return;
            }

            await delivery.AckAsync();
        }

        private static string Chat(EventDelivery delivery) => Events.ChatOfEvent.Read(delivery.Event) ?? "";
    }
}
