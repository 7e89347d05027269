using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Publish;

/// <summary>The built tool with the client secret: before it publishes, it asks for an access token.</summary>
public sealed class PublishAsAccountTests
{
    private static readonly StubAnswer Token = new(200, """{"access_token":"jwt-1","token_type":"Bearer","expires_in":3600}""");

    [Fact]
    public async Task A_token_that_could_not_be_had_is_asked_for_again_without_keys_too()
    {
        foreach (var failure in new[] { StubAnswer.Lost, StubAnswer.Refusal(500, "internal_error"), StubAnswer.Refusal(429, "rate_limited", retryAfterSeconds: 1) })
        {
            var hasFailed = false;
            await using var stub = await StubGateway.StartAsync(request =>
            {
                if (request.Route != "/token")
                    return StubAnswer.Published(request);
                var answer = hasFailed ? Token : failure;
                hasFailed = true;
                return answer;
            });
            var (code, tool) = await Tool.RunAsync(AsAccount(stub), "publish", "-t", "Message", "-d", "{}");
            Assert.Equal((0, "evt_0"), (code, Assert.Single(tool.Output)));
            Assert.Equal(3, stub.Requests.Count);
        }
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task Where_no_token_is_given_nothing_was_stored_and_that_is_said(int status)
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Refusal(status, "no_token"));
        var (code, tool) = await Tool.RunAsync(AsAccount(stub), "publish", "-t", "Message", "-d", "{}", "--retry-for", "0");
        Assert.Equal(1, code);
        Assert.Contains("POST /token", tool.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("not known whether", tool.ErrorText, StringComparison.Ordinal);
        Assert.Equal("/token", Assert.Single(stub.Requests).Route);
    }

    private static Dictionary<string, string> AsAccount(StubGateway stub)
    {
        var environment = stub.Environment;
        environment.Remove("VZAPS_INSTANCE_TOKEN");
        environment["VZAPS_CLIENT_SECRET"] = StubGateway.ClientSecret;
        return environment;
    }
}
