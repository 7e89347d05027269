using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace VZaps.LoadTest.Webhooks;

/// <summary>An event that the gateway has accepted.</summary>
/// <param name="Instance">Whose it is.</param>
/// <param name="DueAt">When its publish was due, as a <see cref="Stopwatch"/> timestamp; however long the gateway could not be reached.</param>
internal readonly record struct AcceptedEvent(string Instance, long DueAt);

/// <summary>Publishes one event at each of times that were fixed before, to the instances in turn. What is not answered is sent again, with the same idempotency key.</summary>
internal sealed class TimedPublisher(GatewayUnderTest gateway, IReadOnlyList<string> instances)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, AcceptedEvent> _accepted = new(StringComparer.Ordinal);

    /// <summary>By event id, what was answered 202.</summary>
    public IReadOnlyDictionary<string, AcceptedEvent> Accepted => _accepted;

    /// <summary>How many they are.</summary>
    public int Count => _accepted.Count;

    public async Task RunAsync(int events, double perSecond)
    {
        var (began, running) = (Stopwatch.GetTimestamp(), new List<Task>(events));
        for (var number = 0; number < events; number++)
        {
            var due = began + (long)(number / perSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
                await Task.Delay(1);
            running.Add(PublishAsync(number, instances[number % instances.Count], due));
        }

        await Task.WhenAll(running);
    }

    private async Task PublishAsync(int number, string instance, long due)
    {
        var line = Encoding.UTF8.GetString(BelievableEvents.Lines(number, 1));
        var body = string.Create(CultureInfo.InvariantCulture, $"{{\"idempotency_key\":\"load-{number}\",{line.AsSpan(1)}");
        while (true)
        {
            if (await TryPublishAsync(instance, body) is { } id)
            {
                _accepted[id] = new AcceptedEvent(instance, due);
                return;
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>The event's id; null where it is not known whether it was accepted.</summary>
    private async Task<string?> TryPublishAsync(string instance, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            using var answer = await gateway.Http.PostAsync(new Uri($"/instances/{instance}/events", UriKind.Relative), content, limit.Token);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                return null;
            if (answer.StatusCode != HttpStatusCode.Accepted)
                throw new InvalidOperationException($"A publish was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(limit.Token)}");
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token)).GetProperty("data").GetProperty("ids")[0].GetString();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}
