using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Endpoints;

/// <summary>What settings become by a request.</summary>
public sealed class EndpointRequestTests
{
    private const string Url = "http://127.0.0.1:18999/hook", OtherUrl = "http://127.0.0.1:18999/other";
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    // The URL alone, whichever, or "enabled": true.
    [InlineData(DisabledReasons.Gone, Url, null, true, null)]
    [InlineData(DisabledReasons.Failing, OtherUrl, null, true, null)]
    [InlineData(DisabledReasons.Failing, null, true, true, null)]
    // What the answer said, with another URL in it: it is mended.
    [InlineData(DisabledReasons.Gone, OtherUrl, false, true, null)]
    // What the answer said, with something else changed in it.
    [InlineData(DisabledReasons.Gone, Url, false, false, DisabledReasons.Gone)]
    // Said of it and nothing else: the user's own wish, which a URL does not end.
    [InlineData(DisabledReasons.Gone, null, false, false, DisabledReasons.User)]
    [InlineData(DisabledReasons.User, OtherUrl, null, false, DisabledReasons.User)]
    [InlineData(DisabledReasons.User, OtherUrl, false, false, DisabledReasons.User)]
    public void A_url_enables_what_the_gateway_gave_up_and_not_what_its_user_disabled(string reason, string? url, bool? enabled, bool isEnabled, string? becomes)
    {
        var known = Settings() with { IsEnabled = false, DisabledReason = reason, DisabledAt = Now };
        var settings = Request(url, enabled).Apply(known, Now + TimeSpan.FromHours(1));
        Assert.Equal((isEnabled, becomes), (settings.IsEnabled, settings.DisabledReason));
    }

    [Fact]
    public void What_comes_without_a_url_is_missed_if_there_was_one_and_nobodys_if_there_never_was()
    {
        Assert.False((Settings() with { Url = null }).IsMissing);
        var taken = new EndpointRequest { WebhookUrl = "" }.Apply(Settings(), Now);
        Assert.True(taken is { IsEnabled: true, IsRunning: false, IsMissing: true });
        Assert.True(new EndpointRequest { Enabled = true, Order = "chat" }.Apply(taken, Now).IsMissing);
        Assert.True(new EndpointRequest { WebhookUrl = OtherUrl }.Apply(taken, Now) is { IsRunning: true, IsMissing: false, DisabledReason: null });
    }

    private static EndpointSettings Settings() => new() { Url = Url, Secret = WebhookSecret.New() };

    private static EndpointRequest Request(string? url, bool? enabled) => url is null ? new EndpointRequest { Enabled = enabled } : new EndpointRequest { WebhookUrl = url, Enabled = enabled };
}
