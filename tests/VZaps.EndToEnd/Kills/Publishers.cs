using System.Collections.Concurrent;
using VZaps.EndToEnd.Clients;

namespace VZaps.EndToEnd.Kills;

/// <summary>
/// Publishers under load that keep account of what was answered. Every second one gives idempotency keys and sends an
/// event again, with the same key, until it is answered; the others give up an event whose answer was lost.
/// </summary>
internal sealed class Publishers(Func<GatewayApi> connect, TestInstance instance, int count)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The ids that were answered 202, with the number that the event's data carries.</summary>
    public ConcurrentDictionary<string, string> Accepted { get; } = new();

    /// <summary>Requests whose answer was lost.</summary>
    public int LostAnswers => _lostAnswers;

    private int _lostAnswers;

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, count).Select(publisher => PublishAsync(publisher, stop)));

    private async Task PublishAsync(int publisher, CancellationToken stop)
    {
        using var api = connect();
        await api.SignInAsync();
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var number = $"{publisher}-{n}";
            var withKey = publisher % 2 == 0;
            var key = withKey ? $$""","idempotency_key":"{{number}}" """ : "";
            var body = $$"""{"type":"Message","data":{"number":"{{number}}","text":"{{new string('x', 200)}}"}{{key}}}""";
            while (await TryPublishAsync(api, body) is not { } id || !Accept(id, number))
            {
                await Task.Delay(RetryPause, CancellationToken.None);
                if (!withKey)
                    break;
            }
        }
    }

    private bool Accept(string id, string number) => Accepted.TryAdd(id, number)
        ? true
        : throw new InvalidOperationException($"{id} was the answer to event {Accepted[id]}, and to event {number} too: one of them is lost.");

    private async Task<string?> TryPublishAsync(GatewayApi api, string body)
    {
        try
        {
            return (await api.PublishAsync(instance, body))[0];
        }
        // A refusal is not a lost answer: no kill explains it.
        catch (Exception exception) when (exception is HttpRequestException { StatusCode: null } or TaskCanceledException or IOException)
        {
            Interlocked.Increment(ref _lostAnswers);
            return null;
        }
    }
}
