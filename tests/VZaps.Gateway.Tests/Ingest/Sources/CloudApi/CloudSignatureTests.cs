using System.Text;
using VZaps.Gateway.Ingest.Sources.CloudApi;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources.CloudApi;

public sealed class CloudSignatureTests
{
    private const string Body = """{"object":"whatsapp_business_account","entry":[]}""", Spaced = """{"object": "whatsapp_business_account", "entry": []}""";
    private const string OfBody = "sha256=1ca363dab318df784e1963b29dca91e2098e6cf2fbf0d3c14e09580a90684a61";
    private const string OfSpaced = "sha256=27f80cb2c05f4496e8acc268cefd5b0671c84b2a381952324729d4935f12bdb5";

    [Theory]
    [InlineData(Body, OfBody, true)]
    [InlineData(Spaced, OfSpaced, true)]
    [InlineData(Body, OfSpaced, false)]
    [InlineData(Spaced, OfBody, false)]
    [InlineData(Body, null, false)]
    [InlineData(Body, "", false)]
    [InlineData(Body, "sha256=", false)]
    [InlineData(Body, "sha256=1ca363", false)]
    [InlineData(Body, OfBody + "00", false)]
    [InlineData(Body, "sha1=1ca363dab318df784e1963b29dca91e2098e6cf2fbf0d3c14e09580a90684a61", false)]
    [InlineData(Body, "1ca363dab318df784e1963b29dca91e2098e6cf2fbf0d3c14e09580a90684a61", false)]
    [InlineData(Body, "sha256=zzzz63dab318df784e1963b29dca91e2098e6cf2fbf0d3c14e09580a90684a61", false)]
    [InlineData(Body, "sha256=1CA363DAB318DF784E1963B29DCA91E2098E6CF2FBF0D3C14E09580A90684A61", true)]
    public void A_signature_is_right_for_the_bytes_that_it_signs_and_for_no_others(string body, string? header, bool isRight) =>
        Assert.Equal(isRight, CloudSignature.IsRight(header, Encoding.UTF8.GetBytes(body), "app-secret-for-tests"u8.ToArray()));

    [Fact]
    public void Escaped_and_raw_text_are_signed_as_they_came()
    {
        const string Escaped = """{"body":"\u00e1"}""", Raw = """{"body":"á"}""";
        Assert.NotEqual(Encoding.UTF8.GetBytes(Escaped), Encoding.UTF8.GetBytes(Raw));
        foreach (var (body, other) in new[] { (Escaped, Raw), (Raw, Escaped) })
        {
            var header = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("k"u8, Encoding.UTF8.GetBytes(body)));
            Assert.True(CloudSignature.IsRight(header, Encoding.UTF8.GetBytes(body), "k"u8.ToArray()));
            Assert.False(CloudSignature.IsRight(header, Encoding.UTF8.GetBytes(other), "k"u8.ToArray()));
        }
    }
}
