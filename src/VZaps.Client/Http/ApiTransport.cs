using VZaps.Client.Configuration;

namespace VZaps.Client.Http;

/// <summary>
/// Sends one request in the allowed time and gives its whole answer, or what the failure means as an exception of ours.
/// It knows nothing of access tokens: whoever calls has put the credentials in.
/// </summary>
internal sealed class ApiTransport(ClientSettings settings, HttpClient http)
{
    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request, string name, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.RequestTimeout, settings.Time);
        if (request.Content is IUploadContent upload)
            upload.Progressed = () => StartAnew(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                return new ApiAnswer([], await Refusal.ReadAsync(answer, settings.Time, either.Token).ConfigureAwait(false));
            return new ApiAnswer(await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false), Refusal: null);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VZapsTimeoutException($"{name} had no answer from {settings.Api} {(timeout.IsCancellationRequested ? $"within {settings.RequestTimeout} (RequestTimeout)." : EndedEarlier(late))}", late);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new VZapsException($"{name} did not reach {settings.Api}: {failure.Message}", failure);
        }
    }

    /// <summary>A client that was given, or a handler of it, has limits of its own, and they know nothing of what goes on.</summary>
    private string EndedEarlier(OperationCanceledException late) =>
        $"before RequestTimeout ({settings.RequestTimeout}) had passed: {late.Message}"
        + (http.Timeout == Timeout.InfiniteTimeSpan ? "" : $" The Timeout of the HttpClient in the options is {http.Timeout}, over all of a call; make it Timeout.InfiniteTimeSpan, and RequestTimeout alone counts.");

    /// <summary>A file may take as long as its line needs; the time is that in which nothing of it goes out.</summary>
    private void StartAnew(CancellationTokenSource timeout)
    {
        try
        {
            timeout.CancelAfter(settings.RequestTimeout);
        }
        catch (ObjectDisposedException)
        {
            // The server has answered before it had all.
        }
    }
}

/// <summary>What came back: the body of a success, or the refusal.</summary>
internal readonly record struct ApiAnswer(byte[] Body, Refusal? Refusal);
