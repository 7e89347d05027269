using System.Net.Sockets;
using System.Text.RegularExpressions;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Outbound;

/// <summary>Checks a URL that a customer sets, before it is kept.</summary>
/// <remarks>For those who mistype. What protects the gateway is <see cref="GuardedConnect"/>, as a name may change what it resolves to at any time.</remarks>
internal sealed partial class OutboundUrl(CheckedHosts hosts)
{
    /// <summary>Characters of a webhook's URL.</summary>
    public const int MaxLength = 2_048;

    // A name server that says nothing is not waited for as long as a delivery would.
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The URL in its plain form, its host as it will be called.</summary>
    /// <param name="given">An http or https URL; blanks around it are cut off.</param>
    /// <param name="cancellationToken">Ends the wait for the name's addresses.</param>
    /// <exception cref="ProblemException">400 <c>invalid_webhook_url</c>: it is no URL that may be called; <c>webhook_url_forbidden</c>: its host is not public and
    /// no network that the operator allowed; <c>webhook_url_unresolved</c>: its name has no address.</exception>
    public async Task<Uri> CheckAsync(string given, CancellationToken cancellationToken)
    {
        var url = Parse(given);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LookupTimeout);
        try
        {
            await hosts.FindAsync(url.IdnHost, limit.Token);
            return url;
        }
        catch (OutboundRefusedException refused)
        {
            throw new Problem(400, "webhook_url_forbidden",
                $"{refused.Message} Give a URL of the public internet; the operator opens another network with Webhooks:AllowedNetworks.").ToException();
        }
        catch (Exception failed) when (failed is SocketException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new Problem(400, "webhook_url_unresolved",
                $"The host {url.IdnHost} could not be looked up. See that its name is right and has an A or AAAA record, and set it again.").ToException();
        }
    }

    /// <summary>What can be said without asking anybody.</summary>
    /// <param name="given">The URL.</param>
    /// <param name="maxLength">Characters that it may have.</param>
    /// <exception cref="ProblemException">400 <c>invalid_webhook_url</c>.</exception>
    public static Uri Parse(string given, int maxLength = MaxLength)
    {
        given = given.Trim();
        if (given.Length > maxLength)
            throw Invalid($"it has more than {maxLength} characters");
        // The parts are taken apart here and the URL is put together again from what was checked, so that nothing depends on how another parser reads it.
        if (UrlParts().Match(given) is not { Success: true } parts)
            throw Invalid("it is no absolute http or https URL of printable ASCII characters (an international host may have its letters)");
        var authority = parts.Groups["authority"].Value;
        if (authority.Contains('@', StringComparison.Ordinal))
            throw Invalid("it has a user or password before its host; send a credential in a header of the endpoint");
        if (parts.Groups["fragment"].Success)
            throw Invalid("it has a # part, which is never sent");
        var port = Port(parts.Groups["port"]);
        var host = UrlHost.Read(parts.Groups["host"].Value, out var mistake) ?? throw Invalid(mistake!);
        var text = $"{parts.Groups["scheme"].Value.ToLowerInvariant()}://{host}{port}{parts.Groups["rest"].Value}";
        return Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : throw Invalid("it is no valid URL");
    }

    private static string Port(Group port)
    {
        if (!port.Success)
            return "";
        if (!int.TryParse(port.ValueSpan, System.Globalization.NumberStyles.None, provider: null, out var number) || number is < 1 or > 65_535)
            throw Invalid("its port is not a number from 1 to 65535");
        return OutboundPorts.Allow(number) ? $":{number}" : throw Invalid($"port {number} is another service's and is not called");
    }

    private static ProblemException Invalid(string mistake) =>
        new Problem(400, "invalid_webhook_url", $"The URL cannot be called: {mistake}. Give one such as https://example.com/hook.").ToException();

    // Only the host may have more than ASCII. Blanks, control characters and backslashes are in no part: they are where parsers differ.
    [GeneratedRegex(@"^(?<scheme>https?)://(?<authority>(?:[!-~-[/?#\\@\[\]]]*@)*(?<host>\[[!-~-[/?#\\@\[\]]]*\]|[^/?#\\@:\[\]\s\p{C}]*)(?::(?<port>[^/?#\\@\s\p{C}]*))?)(?<rest>[/?][!-~-[#\\]]*)?(?<fragment>#[!-~]*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex UrlParts();
}
