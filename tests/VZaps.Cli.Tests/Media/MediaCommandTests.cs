using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Media;

public sealed class MediaCommandTests : IDisposable
{
    private const string Id = "med_0123456789ABCDEFGHJKMNPQRS";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_list_reads_page_after_page_and_shows_no_control_characters_of_names()
    {
        await using var stub = await StubGateway.StartAsync(request => StubAnswer.Data(request.Route.Contains("after=med_1", StringComparison.Ordinal)
            ? $$"""{"items":[{{Item("med_2", "failed", error: "media_not_at_source")}}],"next_after":null,"has_more":false}"""
            : $$"""{"items":[{{Item("med_1", "stored", name: "a\\u001b[31mb.pdf")}}],"next_after":"med_1","has_more":true}"""));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "list", "--status", "stored,failed");
        Assert.Equal(0, code);
        Assert.Contains(tool.Output, line => line.StartsWith("med_1", StringComparison.Ordinal) && line.Contains("stored", StringComparison.Ordinal));
        Assert.Contains(tool.Output, line => line.StartsWith("med_2", StringComparison.Ordinal) && line.Contains("media_not_at_source", StringComparison.Ordinal));
        Assert.DoesNotContain(tool.Output, line => line.Contains('\u001b'));
        Assert.Equal(
            [$"/instances/{StubGateway.InstanceId}/media?limit=1000&status=stored%2Cfailed", $"/instances/{StubGateway.InstanceId}/media?limit=1000&status=stored%2Cfailed&after=med_1"],
            stub.Requests.Select(request => request.Route));
    }

    [Fact]
    public async Task A_file_is_downloaded_under_its_name_once_it_is_there()
    {
        var asked = 0;
        await using var stub = await StubGateway.StartAsync(request => !request.Route.StartsWith("/media/", StringComparison.Ordinal) ? StubAnswer.Data(Item(Id, "pending", name: "../orçamento.pdf"))
            : asked++ == 0 ? new StubAnswer(202, "{}", RetryAfterSeconds: 1)
            : new StubAnswer(200, "the file"));
        var path = Path.Combine(_folder.FullName, "a.pdf");
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "get", "evt_1", "--output", path);
        Assert.True(code == 0, tool.ErrorText);
        Assert.Equal("the file", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal($"/instances/{StubGateway.InstanceId}/events/evt_1/media", stub.Requests.First().Route);
        // The link at the address of this gateway, whatever its public one is, and with no credential beside it.
        Assert.Equal($"/media/{Id}?instance_id=VZ1&expires=1&signature=s", stub.Requests.Last().Route);
        Assert.DoesNotContain("X-Instance-Token", stub.Requests.Last().Headers.Keys);
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public async Task What_could_not_be_fetched_is_told_and_leaves_nothing()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.StartsWith("/media/", StringComparison.Ordinal)
            ? StubAnswer.Refusal(424, "media_not_at_source", "It is not there.")
            : StubAnswer.Data(Item(Id, "failed")));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "-o", Path.Combine(_folder.FullName, "a"));
        Assert.Equal(1, code);
        Assert.Contains("424 media_not_at_source", tool.ErrorText, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_link_alone_is_printed_and_a_file_goes_to_standard_output()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(200, "the file\n") : StubAnswer.Data(Item(Id, "stored")));
        var (_, link) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "--link");
        Assert.Equal($"https://gateway.example.com/media/{Id}?instance_id=VZ1&expires=1&signature=s", Assert.Single(link.Output));
        var (_, file) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "-o", "-");
        Assert.Equal("the file", Assert.Single(file.Output));
    }

    [Fact]
    public async Task One_or_all_are_fetched_again()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route == $"/media/{Id}/fetch" ? StubAnswer.Data(Item(Id, "pending")) : StubAnswer.Data("""{"again":3}"""));
        var (_, one) = await Tool.RunAsync(stub.Environment, "media", "refetch", Id);
        Assert.Equal($"{Id} is pending.", Assert.Single(one.Output));
        var (_, all) = await Tool.RunAsync(stub.Environment, "media", "refetch", "--all");
        Assert.Equal("3 fetched again.", Assert.Single(all.Output));
        Assert.Equal(["POST", "POST"], stub.Requests.Select(request => request.Method));
        Assert.Equal($"/instances/{StubGateway.InstanceId}/media/fetch", stub.Requests.Last().Route);
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "refetch")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "refetch", Id, "--all")).ExitCode);
    }

    private static string Item(string id, string status, string? name = null, string? error = null) => $$"""
        {"id":"{{id}}","instance_id":"VZ1","status":"{{status}}","mime_type":"application/pdf","file_name":{{(name is null ? "null" : $"\"{name}\"")}},"size":8,"sha256":null,"source":"cloud",
        "created_at":"2026-06-23T22:57:17.000Z","media_url":"https://gateway.example.com/media/{{id}}?instance_id=VZ1&expires=1&signature=s","attempts":0,"next_attempt_at":null,
        "error":{{(error is null ? "null" : $"{{\"code\":\"{error}\",\"message\":\"x\"}}")}}}
        """;
}
