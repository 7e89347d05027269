using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>A file's link, and how to get a new one.</summary>
/// <param name="url">As the event has it.</param>
/// <param name="access">Who renews it.</param>
/// <param name="renewalRoute">Where a new one is asked for; null for nowhere.</param>
internal sealed class MediaLink(Uri url, MediaAccess access, string? renewalRoute)
{
    private const string NoClient = "No new link was asked for, as the event came without a client: set the Client of WebhookReceiverOptions or WebhookVerifierOptions, or in a host "
        + "VZaps:ClientToken and VZaps:ClientSecret; VZapsClient.Media.GetAsync gives a new link, too.";

    private Uri _url = url;

    public Uri Url => Volatile.Read(ref _url);

    /// <summary>Why there is no new one to be had; null where there is.</summary>
    public string? WhyNotRenewed => access.Api is null ? NoClient : renewalRoute is null ? "Its event does not say of which instance it is, so no new link can be asked for." : null;

    /// <summary>Asks the client's own gateway for a new one: the credentials go there, and never to where the link leads.</summary>
    /// <exception cref="VZapsException">It gave none; the type says why.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var call = new ApiCall(HttpMethod.Get, renewalRoute!, null) { InstanceToken = access.InstanceToken };
        var item = await access.Api!.SendAsync(call, ClientJson.Default.RenewedMedia, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _url, EventMediaReader.AsLink(item.MediaUrl) ?? throw new VZapsApiException($"{call.Name} gave no link.") { StatusCode = 200 });
    }
}

/// <summary>What is read of a file's item.</summary>
internal sealed record RenewedMedia(string? MediaUrl)
{
    // A record would print the link.
    public override string ToString() => nameof(RenewedMedia);
}
