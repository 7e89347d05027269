using System.Globalization;
using VZaps.Client.Media;
using VZaps.Client.Webhooks;

namespace VZaps;

/// <summary>Checks that a post to a webhook is the gateway's, and reads its event.</summary>
/// <remarks>
/// Thread-safe; make one and keep it. The signature is that of Standard Webhooks: HMAC-SHA256 over id, time and body. It does not cover the headers <c>vzaps-…</c>: where a body is
/// <c>data</c>, instance and time of the event are as trustworthy as the connection; where it is <c>envelope</c>, all of the event is signed.
/// </remarks>
public sealed class WebhookVerifier
{
    private readonly WebhookSecrets _secrets;
    private readonly TimeSpan _tolerance;
    private readonly TimeProvider _time;
    private readonly MediaAccess? _media;

    /// <summary>A verifier with a tolerance of 5 min by the system's clock.</summary>
    /// <param name="secrets">The endpoint's secret (<c>whsec_…</c>); two while one takes the place of the other, in any order.</param>
    /// <exception cref="ArgumentException">There is none, or one is no such secret. The text does not show it.</exception>
    public WebhookVerifier(params string[] secrets)
        : this(new WebhookVerifierOptions { Secrets = secrets })
    {
    }

    /// <summary>A verifier.</summary>
    /// <exception cref="ArgumentException">There is no secret, one is no such secret, or another option is out of range. No secret is in the text.</exception>
    public WebhookVerifier(WebhookVerifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _secrets = new WebhookSecrets(options.Secrets);
        _tolerance = options.Tolerance > TimeSpan.Zero && options.Tolerance <= TimeSpan.FromDays(1)
            ? options.Tolerance
            : throw new ArgumentException($"Tolerance {options.Tolerance} is out of range; give more than 0, up to 1.00:00:00.", nameof(options));
        _media = options.Client?.MediaAccess;
        _time = options.TimeProvider ?? throw new ArgumentException("TimeProvider is null.", nameof(options));
    }

    /// <summary>Checks a post and reads its event.</summary>
    /// <param name="headers">Gives a header by its name, null where there is none: <c>name => request.Headers[name]</c> in ASP.NET Core.</param>
    /// <param name="body">The body exactly as it came, before anything has parsed it. The event keeps it, so nobody may change it afterwards.</param>
    /// <returns>The event. <see cref="VZapsEvent.DeliveryCount"/> is the attempt; <see cref="VZapsEvent.Raw"/> is an envelope also where the body was <c>data</c>.</returns>
    /// <exception cref="WebhookVerificationException">It is not the gateway's post, or not one of now.</exception>
    public VZapsEvent Verify(Func<string, string?> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var id = Required(headers, WebhookHeaders.Id);
        // A dot would move the borders of what is signed.
        if (id.Length > WebhookHeaders.MaxIdLength || id.Contains('.', StringComparison.Ordinal))
            throw Malformed(WebhookHeaders.Id);
        var timestamp = Required(headers, WebhookHeaders.Timestamp);
        RequireTime(timestamp);
        if (!_secrets.Signed(Required(headers, WebhookHeaders.Signature), id, timestamp, body.Span))
        {
            throw new WebhookVerificationException(
                WebhookMistake.WrongSignature, "None of the secrets made this signature: see that the secret is this endpoint's, and that the body is verified as it came.");
        }

        return WebhookBody.Read(id, headers, body, _media);
    }

    /// <summary>Checks a post whose headers are a collection.</summary>
    /// <param name="headers">Names in any case.</param>
    /// <param name="body">The body exactly as it came, before anything has parsed it. The event keeps it, so nobody may change it afterwards.</param>
    /// <inheritdoc cref="Verify(Func{string, string?}, ReadOnlyMemory{byte})"/>
    public VZapsEvent Verify(IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return Verify(name => headers.Where(header => Is(header.Key, name)).Select(header => header.Value).FirstOrDefault(), body);
    }

    /// <inheritdoc cref="Verify(IEnumerable{KeyValuePair{string, string}}, ReadOnlyMemory{byte})"/>
    public VZapsEvent Verify(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return Verify(name => headers.Where(header => Is(header.Key, name)).SelectMany(header => header.Value).FirstOrDefault(), body);
    }

    private static bool Is(string header, string name) => header.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Required(Func<string, string?> headers, string name) => headers(name) is { Length: > 0 } value
        ? value
        : throw new WebhookVerificationException(WebhookMistake.MissingHeader, $"The header {name} is missing.");

    private void RequireTime(string timestamp)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > WebhookHeaders.LastSecond)
            throw Malformed(WebhookHeaders.Timestamp);
        var age = _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (age > _tolerance)
            throw new WebhookVerificationException(WebhookMistake.TooOld, $"It was signed {age} ago, and {_tolerance} is tolerated: a copy of an earlier post, or a clock that is wrong.");
        if (age < -_tolerance)
            throw new WebhookVerificationException(WebhookMistake.TooNew, $"It was signed {-age} ahead, and {_tolerance} is tolerated: a clock is wrong.");
    }

    private static WebhookVerificationException Malformed(string name) => new(WebhookMistake.MalformedHeader, $"The header {name} is not of its form.");
}
