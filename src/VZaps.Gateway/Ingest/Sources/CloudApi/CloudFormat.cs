using Microsoft.Extensions.Options;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Requests of the WhatsApp Business Cloud API.</summary>
internal sealed class CloudFormat(
    SourcePublisher publisher, SourceDirectory sources, MediaLinks links, SourceMetrics metrics, IOptions<SourceOptions> options, TimeProvider time) : ISourceFormat
{
    public string Kind => SourceKind.Cloud;

    public long MaxBodyBytes => options.Value.CloudMaxBodyBytes;

    public async Task VerifyAsync(HttpContext context, Source source)
    {
        var query = context.Request.Query;
        var challenge = query["hub.challenge"].ToString();
        if (query["hub.mode"] != "subscribe" || challenge.Length == 0 || source.TokenHash is not { } hash || !Secret.Matches(hash, query["hub.verify_token"].ToString()))
        {
            metrics.Refused(Kind);
            throw SourceProblems.WrongVerifyToken.ToException();
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        // What was sent is answered as text, never as a page.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.WriteAsync(challenge, context.RequestAborted);
    }

    public async Task ReceiveAsync(HttpContext context, Source source)
    {
        using var body = await RequestBody.ReadAsync(context.Request, options.Value.CloudMaxBodyBytes);
        if (source.SigningKey is not { } secret || !CloudSignature.IsRight(context.Request.Headers[CloudSignature.Header], body.Span, secret))
        {
            metrics.Refused(Kind);
            throw SourceProblems.WrongSignature(CloudSignature.Header, "app secret").ToException();
        }

        var (identities, now) = (IdentitiesFor(source), time.GetUtcNow());
        await publisher.PublishAsync(source, CloudMapper.Map(body.Memory, now, identities), links.OriginOf(context));
        identities.Keep(now);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    public List<SourceOutcome> Map(Source source, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt) => CloudMapper.Map(body, receivedAt, IdentitiesFor(source));

    private CloudIdentities IdentitiesFor(Source received) => new(
        number => sources.CloudSourcesBeside(received).FirstOrDefault(source => source.PhoneNumberId == number) is { } its ? sources.IdentitiesOf(its) : null);
}
