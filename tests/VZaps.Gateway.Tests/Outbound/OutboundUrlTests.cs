using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;
using Xunit;

namespace VZaps.Gateway.Tests.Outbound;

public sealed class OutboundUrlTests
{
    [Theory]
    // Schemes, and what is no URL.
    [InlineData("", "invalid_webhook_url")]
    [InlineData("example.com/hook", "invalid_webhook_url")]
    [InlineData("//example.com/hook", "invalid_webhook_url")]
    [InlineData("ftp://public.test/hook", "invalid_webhook_url")]
    [InlineData("file:///etc/passwd", "invalid_webhook_url")]
    [InlineData("gopher://public.test/", "invalid_webhook_url")]
    [InlineData("http:///hook", "invalid_webhook_url")]
    [InlineData("http:public.test", "invalid_webhook_url")]
    // Parts that parsers read differently.
    [InlineData("http://public.test@127.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://user:password@public.test/", "invalid_webhook_url")]
    [InlineData("http://@public.test/", "invalid_webhook_url")]
    [InlineData(@"http://public.test\@127.0.0.1/", "invalid_webhook_url")]
    [InlineData(@"http:\\127.0.0.1\", "invalid_webhook_url")]
    [InlineData("http://public.test#@127.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://public.test/#part", "invalid_webhook_url")]
    [InlineData("http://public.test /", "invalid_webhook_url")]
    [InlineData("http://public.test/a b", "invalid_webhook_url")]
    [InlineData("http://public.test/\r\nHost: other", "invalid_webhook_url")]
    [InlineData("http://public\t.test/", "invalid_webhook_url")]
    [InlineData("http://public.test\0/", "invalid_webhook_url")]
    // Ports.
    [InlineData("http://public.test:0/", "invalid_webhook_url")]
    [InlineData("http://public.test:22/", "invalid_webhook_url")]
    [InlineData("http://public.test:25/", "invalid_webhook_url")]
    [InlineData("http://public.test:6667/", "invalid_webhook_url")]
    [InlineData("http://public.test:65536/", "invalid_webhook_url")]
    [InlineData("http://public.test:/", "invalid_webhook_url")]
    [InlineData("http://public.test:+80/", "invalid_webhook_url")]
    [InlineData("http://public.test:80:22/", "invalid_webhook_url")]
    // Numbers in other forms, a public address among them.
    [InlineData("http://2130706433/", "invalid_webhook_url")]
    [InlineData("http://134744072/", "invalid_webhook_url")]
    [InlineData("http://0177.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://017700000001/", "invalid_webhook_url")]
    [InlineData("http://0x7f.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://0x7f000001/", "invalid_webhook_url")]
    [InlineData("http://0X7F.1/", "invalid_webhook_url")]
    [InlineData("http://127.0.0.0x1/", "invalid_webhook_url")]
    [InlineData("http://127.1/", "invalid_webhook_url")]
    [InlineData("http://127.0.1/", "invalid_webhook_url")]
    [InlineData("http://0/", "invalid_webhook_url")]
    [InlineData("http://127.0.0.01/", "invalid_webhook_url")]
    [InlineData("http://256.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://1.2.3.4.5/", "invalid_webhook_url")]
    [InlineData("http://public.1/", "invalid_webhook_url")]
    // Dots, signs and letters of other scripts.
    [InlineData("http://127.0.0.1./", "invalid_webhook_url")]
    [InlineData("http://public.test./", "invalid_webhook_url")]
    [InlineData("http://public..test/", "invalid_webhook_url")]
    [InlineData("http://%31%32%37.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://\uFF11\uFF12\uFF17.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://\u2460\u2461\u2466.0.0.1/", "invalid_webhook_url")]
    [InlineData("http://127\u30020\u30020\u30021/", "invalid_webhook_url")]
    [InlineData("http://pub\u00ADlic.test/", "invalid_webhook_url")]
    [InlineData("http://public.test,other/", "invalid_webhook_url")]
    // IPv6.
    [InlineData("http://[fe80::1%25eth0]/", "invalid_webhook_url")]
    [InlineData("http://[::1%251]/", "invalid_webhook_url")]
    [InlineData("http://[::1/", "invalid_webhook_url")]
    [InlineData("http://[127.0.0.1]/", "invalid_webhook_url")]
    [InlineData("http://[::1]", "webhook_url_forbidden")]
    [InlineData("http://[0:0:0:0:0:0:0:1]:8080/", "webhook_url_forbidden")]
    [InlineData("http://[::ffff:7f00:1]/", "webhook_url_forbidden")]
    [InlineData("http://[::ffff:169.254.169.254]/", "webhook_url_forbidden")]
    [InlineData("http://[64:ff9b::7f00:1]/", "webhook_url_forbidden")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data/", "webhook_url_forbidden")]
    // Addresses and names that lead inside.
    [InlineData("http://127.0.0.1/", "webhook_url_forbidden")]
    [InlineData("https://10.0.0.1:8443/hook", "webhook_url_forbidden")]
    [InlineData("HTTP://169.254.169.254/latest/meta-data/", "webhook_url_forbidden")]
    [InlineData("http://255.255.255.255/", "webhook_url_forbidden")]
    [InlineData("http://localhost/", "webhook_url_forbidden")]
    [InlineData("http://LocalHost:8080/", "webhook_url_forbidden")]
    [InlineData("http://any.localhost/", "webhook_url_forbidden")]
    [InlineData("http://private.test/", "webhook_url_forbidden")]
    [InlineData("http://metadata.test/", "webhook_url_forbidden")]
    [InlineData("http://mixed.test/", "webhook_url_forbidden")]
    [InlineData("http://mixed6.test/", "webhook_url_forbidden")]
    [InlineData("http://mapped.test/", "webhook_url_forbidden")]
    [InlineData("http://unknown.test/", "webhook_url_unresolved")]
    [InlineData("http://empty.test/", "webhook_url_unresolved")]
    public async Task A_url_that_may_not_be_called_is_refused_when_it_is_set(string url, string code)
    {
        await using var dns = Names();
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => Url(dns).CheckAsync(url, TestContext.Current.CancellationToken));
        Assert.Equal((400, code), (refusal.Problem.Status, refusal.Problem.Code));
    }

    [Theory]
    [InlineData("http://public.test", "http://public.test/")]
    [InlineData("  https://public.test/hook?key=a%20b&c=@ ", "https://public.test/hook?key=a%20b&c=@")]
    [InlineData("HTTPS://PUBLIC.test:8443/Hook", "https://public.test:8443/Hook")]
    [InlineData("https://public.test:443/hook", "https://public.test/hook")]
    [InlineData("https://8.8.8.8/hook", "https://8.8.8.8/hook")]
    [InlineData("https://[2606:4700:4700::1111]/hook", "https://[2606:4700:4700::1111]/hook")]
    [InlineData("https://b\u00FCcher.test/hook", "https://xn--bcher-kva.test/hook")]
    [InlineData("http://under_score.test/", "http://under_score.test/")]
    [InlineData("http://public.test?x=1", "http://public.test/?x=1")]
    public async Task A_public_url_is_kept_in_its_plain_form(string url, string kept)
    {
        await using var dns = Names();
        Assert.Equal(kept, (await Url(dns).CheckAsync(url, TestContext.Current.CancellationToken)).AbsoluteUri);
    }

    [Fact]
    public async Task A_url_of_more_than_2048_characters_is_refused()
    {
        await using var dns = Names();
        var longest = "http://public.test/".PadRight(OutboundUrl.MaxLength, 'a');
        Assert.Equal(longest, (await Url(dns).CheckAsync(longest, TestContext.Current.CancellationToken)).AbsoluteUri);
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => Url(dns).CheckAsync(longest + "a", TestContext.Current.CancellationToken));
        Assert.Contains("more than 2048", refusal.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9000/hook", "127.0.0.0/8")]
    [InlineData("http://localhost:9000/hook", "127.0.0.0/8")]
    [InlineData("http://bot.localhost:9000/hook", "::1/128")]
    [InlineData("http://private.test/hook", "10.0.0.0/8")]
    [InlineData("http://mixed.test/hook", "10.0.0.0/8")]
    [InlineData("http://bot:5000/hook", "172.16.0.0/12")]
    public async Task What_the_operator_allowed_may_be_set(string url, string network)
    {
        await using var dns = Names();
        Assert.Equal(url, (await Url(dns, network).CheckAsync(url, TestContext.Current.CancellationToken)).AbsoluteUri);
    }

    [Fact]
    public async Task A_refusal_does_not_tell_what_a_name_of_the_operators_network_resolves_to()
    {
        await using var dns = Names();
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => Url(dns).CheckAsync("http://private.test/", TestContext.Current.CancellationToken));
        Assert.Contains("private network", refusal.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("Webhooks:AllowedNetworks", refusal.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", refusal.Problem.Message, StringComparison.Ordinal);
    }

    private static DnsServer Names()
    {
        var dns = new DnsServer();
        dns.Set("public.test", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c");
        dns.Set("under_score.test", "93.184.215.14");
        dns.Set("xn--bcher-kva.test", "93.184.215.14");
        dns.Set("private.test", "10.1.2.3");
        dns.Set("metadata.test", "169.254.169.254");
        dns.Set("mixed.test", "93.184.215.14", "10.1.2.3");
        dns.Set("mixed6.test", "93.184.215.14", "fd00::1");
        dns.Set("mapped.test", "::ffff:127.0.0.1");
        dns.Set("bot", "172.18.0.3");
        dns.Set("empty.test");
        // A name server that answers for names of loopback is not asked.
        dns.Set("localhost", "93.184.215.14");
        dns.Set("any.localhost", "93.184.215.14");
        return dns;
    }

    private static OutboundUrl Url(DnsServer dns, params string[] allowed) => new(Guards.Hosts(new DnsResolver(dns.Address), allowed));
}
