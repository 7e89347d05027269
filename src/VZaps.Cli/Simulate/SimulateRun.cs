using System.Net.Http.Headers;
using VZaps.Cli.Demo.Phone;

namespace VZaps.Cli.Simulate;

/// <summary>Posts a conversation as the sender of a source does: signed, in batches, again until it is answered 200, now and then twice or out of order.</summary>
internal sealed class SimulateRun(SimulateOptions options, HttpClient http, TextWriter output, TimeProvider time)
{
    // As senders do it, only faster: nobody wants to wait for an hour.
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(options.Seed);
    private readonly List<SignedBody> _heldBack = [];
    private long _updates, _bodies, _duplicates, _late, _retries;

    /// <summary>Runs until there is no more or it is stopped; then says what was sent.</summary>
    /// <exception cref="VZapsException">The source refuses what no retry can mend.</exception>
    public async Task RunAsync(IEnumerable<PhoneEvent> conversation, CancellationToken stopping)
    {
        var cloud = new CloudUpdates(options.PhoneNumberId);
        var batch = new List<System.Text.Json.Nodes.JsonObject>();
        var began = time.GetTimestamp();
        try
        {
            foreach (var happened in conversation)
            {
                var update = options.IsCloud ? cloud.ChangeOf(happened, time.GetUtcNow()) : WuzUpdates.Of(happened);
                if (update is null)
                    continue;
                batch.Add(update);
                _updates++;
                await output.WriteLineAsync($"{happened.Type.Name}");
                if (batch.Count >= (options.IsCloud ? options.Batch : 1))
                    await SendAsync(batch, stopping);
                if (_updates >= options.Count)
                    break;
                // By the clock, so that what the gateway takes for an answer does not slow it down.
                var ahead = TimeSpan.FromSeconds(_updates / options.Rate) - time.GetElapsedTime(began);
                if (ahead > TimeSpan.Zero)
                    await Task.Delay(ahead, time, stopping);
            }

            if (batch.Count > 0)
                await SendAsync(batch, stopping);
            foreach (var late in _heldBack)
                await PostAsync(late, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked for; what was posted is said all the same.
        }

        await output.WriteLineAsync($"{_updates} updates in {_bodies} bodies; {_duplicates} sent twice, {_late} out of order, {_retries} retries.");
    }

    private async Task SendAsync(List<System.Text.Json.Nodes.JsonObject> batch, CancellationToken stopping)
    {
        var body = options.IsCloud
            ? SignedBody.OfCloud(CloudUpdates.Body(batch).ToJsonString(), options.Secret!, batch.Count)
            : SignedBody.OfWuz(batch[0].ToJsonString(), options.Secret);
        batch.Clear();
        _bodies++;
        if (_random.Next(100) < options.Disorder)
        {
            _late++;
            _heldBack.Add(body);
            return;
        }

        await PostAsync(body, stopping);
        if (_random.Next(100) < options.Duplicates)
        {
            _duplicates++;
            await PostAsync(body, stopping);
        }

        if (_heldBack.Count > 0 && _random.Next(2) == 0)
        {
            var late = _heldBack[0];
            _heldBack.RemoveAt(0);
            await PostAsync(late, stopping);
        }
    }

    private async Task PostAsync(SignedBody body, CancellationToken stopping)
    {
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            var said = await TryPostAsync(body, stopping);
            if (said is null)
                return;
            _retries++;
            await output.WriteLineAsync($"  {said}; sent again in {wait.TotalSeconds:0} s");
            await Task.Delay(wait, time, stopping);
        }
    }

    /// <summary>Posts once; null where it was taken, else what the matter is.</summary>
    private async Task<string?> TryPostAsync(SignedBody body, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body.Bytes) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(body.ContentType);
        if (body.Header is { } header)
            request.Headers.TryAddWithoutValidation(header, body.Signature);
        try
        {
            using var answer = await http.SendAsync(request, stopping);
            var status = (int)answer.StatusCode;
            return status switch
            {
                200 => null,
                401 => throw new VZapsException("The source refuses the signature (401): VZAPS_APP_SECRET or VZAPS_HMAC_KEY is not what the source was set with."),
                404 => throw new VZapsException("There is no source at that URL (404). Copy it anew from 'vzaps sources set'."),
                _ => $"answered {status}",
            };
        }
        catch (HttpRequestException failure)
        {
            return $"not reached ({failure.HttpRequestError})";
        }
    }
}
