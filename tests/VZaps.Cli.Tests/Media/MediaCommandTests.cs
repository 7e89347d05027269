using System.Security.Cryptography;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Media;

public sealed class MediaCommandTests : IDisposable
{
    private const string Id = "med_0123456789ABCDEFGHJKMNPQRS";
    private static readonly string TheFile = Convert.ToHexStringLower(SHA256.HashData("the file"u8));
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
        // The address that was asked, not the gateway's public one.
        Assert.StartsWith($"GET {stub.Address}media/{Id} was refused with 424 media_not_at_source", tool.ErrorText, StringComparison.Ordinal);
        Assert.EndsWith($"To have it fetched again: vzaps media refetch {Id}", tool.ErrorText, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_link_alone_is_printed_and_a_file_goes_to_standard_output()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(200, "the file") : StubAnswer.Data(Item(Id, "stored")));
        var (_, link) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "--link");
        Assert.Equal($"https://gateway.example.com/media/{Id}?instance_id=VZ1&expires=1&signature=s", Assert.Single(link.Output));
        var (_, file) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "-o", "-");
        Assert.Equal("the file", Assert.Single(file.Output));
    }

    [Fact]
    public async Task One_or_all_are_fetched_again()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.EndsWith("media/fetch", StringComparison.Ordinal) ? StubAnswer.Data("""{"again":3}""") : StubAnswer.Data(Item(Id, "pending")));
        var (_, one) = await Tool.RunAsync(stub.Environment, "media", "refetch", Id);
        Assert.Equal($"{Id} is pending.", Assert.Single(one.Output));
        var (_, all) = await Tool.RunAsync(stub.Environment, "media", "refetch", "--all");
        Assert.Equal("3 fetched again.", Assert.Single(all.Output));
        Assert.Equal(
            [$"GET /instances/{StubGateway.InstanceId}/media/{Id}", $"POST /media/{Id}/fetch", $"POST /instances/{StubGateway.InstanceId}/media/fetch"],
            stub.Requests.Select(request => $"{request.Method} {request.Route}"));
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "refetch")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "refetch", Id, "--all")).ExitCode);
    }

    [Fact]
    public async Task What_broke_off_goes_on_where_it_broke_within_a_call_and_at_the_next()
    {
        await using var stub = await StubGateway.StartAsync(request => !request.Route.StartsWith("/media/", StringComparison.Ordinal) ? StubAnswer.Data(Item(Id, "stored", sha256: TheFile))
            : request.Headers.GetValueOrDefault("Range") == "bytes=4-" ? new StubAnswer(206, "file") { Headers = new(StringComparer.Ordinal) { ["Content-Range"] = "bytes 4-7/8", ["ETag"] = $"\"{TheFile}\"" } }
            : StubAnswer.Refusal(400, "not_the_rest"));
        var path = Path.Combine(_folder.FullName, "a.pdf");
        await File.WriteAllTextAsync(path + ".part", "the ", TestContext.Current.CancellationToken);
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "-o", path);
        Assert.True(code == 0, tool.ErrorText);
        Assert.Equal("the file", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Single(_folder.GetFiles());
    }

    [Theory]
    [InlineData("-")]
    [InlineData("a.pdf")]
    public async Task Bytes_that_are_not_those_that_were_said_are_an_error(string output)
    {
        await using var stub = await StubGateway.StartAsync(
            request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(200, "the life") : StubAnswer.Data(Item(Id, "stored", sha256: TheFile)));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "-o", output == "-" ? "-" : Path.Combine(_folder.FullName, output));
        Assert.Equal(1, code);
        Assert.Contains($"and {TheFile} was said", tool.ErrorText, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_pending_file_is_waited_for_as_long_as_was_said()
    {
        await using var stub = await StubGateway.StartAsync(
            request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(202, "{}", RetryAfterSeconds: 30) : StubAnswer.Data(Item(Id, "pending")));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "--wait", "2s", "-o", Path.Combine(_folder.FullName, "a"));
        Assert.Equal(1, code);
        Assert.Contains($"{Id} is still being fetched after 2 s (--wait)", tool.ErrorText, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "get", Id, "--wait", "2h")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync(stub.Environment, "media", "list", "--status", "eaten")).ExitCode);
    }

    [Fact]
    public async Task A_link_that_is_refused_is_renewed_with_the_accounts_token_where_there_is_no_other()
    {
        var asked = 0;
        await using var stub = await StubGateway.StartAsync(request => request.Route == "/token" ? new StubAnswer(200, """{"access_token":"t","token_type":"Bearer","expires_in":3600}""")
            : !request.Route.StartsWith("/media/", StringComparison.Ordinal) ? StubAnswer.Data(Item(Id, "stored"))
            : asked++ == 0 ? StubAnswer.Refusal(403, "media_link_expired")
            : new StubAnswer(200, "the file"));
        var environment = stub.Environment;
        environment.Remove("VZAPS_INSTANCE_TOKEN");
        environment["VZAPS_CLIENT_SECRET"] = StubGateway.ClientSecret;
        var (code, tool) = await Tool.RunAsync(environment, "media", "get", Id, "-o", Path.Combine(_folder.FullName, "a"));
        Assert.True(code == 0, tool.ErrorText);
        Assert.Equal(2, stub.Requests.Count(request => request.Route.StartsWith("/instances/", StringComparison.Ordinal) && request.Headers["Authorization"] == "Bearer t"));
        Assert.All(stub.Requests.Where(request => request.Route.StartsWith("/media/", StringComparison.Ordinal)), request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task A_list_as_json_has_the_gateways_names_and_no_more_pages_than_needed()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data($$"""{"items":[{{Item("med_2", "failed", error: "media_lost")}},{{Item("med_1", "stored")}}],"next_after":"med_1","has_more":true}"""));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "media", "list", "--limit", "2", "--json");
        Assert.Equal(0, code);
        Assert.Single(stub.Requests);
        Assert.Equal(2, tool.Output.Count);
        Assert.StartsWith("""{"id":"med_2","instance_id":"VZ1","status":"failed","mime_type":"application/pdf","file_name":null,"size":8,""", tool.Output.First(), StringComparison.Ordinal);
        Assert.Contains($"\"media_url\":\"https://gateway.example.com/media/med_2?instance_id=VZ1&expires=1&signature=s\"", tool.Output.First(), StringComparison.Ordinal);
        Assert.EndsWith("""
            "error":{"code":"media_lost","message":"x"}}
            """, tool.Output.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../a.pdf", "a.pdf")]
    [InlineData("..\\\\a.pdf", "a.pdf")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("", Id)]
    public async Task Without_output_a_file_stays_in_the_folder_under_a_name_that_does_no_harm(string name, string expected)
    {
        var folder = _folder.CreateSubdirectory("here");
        await using var stub = await StubGateway.StartAsync(request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(200, "the file") : StubAnswer.Data(Item(Id, "stored", name, sha256: TheFile)));
        var (code, tool) = await Tool.RunInAsync(folder, stub.Environment, "media", "get", Id);
        Assert.True(code == 0, tool.ErrorText);
        Assert.Equal(expected, Assert.Single(tool.Output));
        Assert.Equal([expected], folder.GetFiles().Select(file => file.Name));
        Assert.Empty(_folder.GetFiles());
        Assert.Equal("the file", await File.ReadAllTextAsync(Path.Combine(folder.FullName, expected), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_output_no_file_is_written_over_be_it_there_before_or_come_meanwhile()
    {
        var (mine, part) = (Path.Combine(_folder.FullName, "a.pdf"), Path.Combine(_folder.FullName, "a.pdf.part"));
        await File.WriteAllTextAsync(part, "somebody else's", TestContext.Current.CancellationToken);
        await using var stub = await StubGateway.StartAsync(request =>
        {
            if (!request.Route.StartsWith("/media/", StringComparison.Ordinal))
                return StubAnswer.Data(Item(Id, "stored", "a.pdf", sha256: TheFile));
            File.WriteAllText(mine, "mine");
            return new StubAnswer(200, "the file");
        });
        foreach (var _ in (string[])["meanwhile", "before"])
        {
            var (code, tool) = await Tool.RunInAsync(_folder, stub.Environment, "media", "get", Id);
            Assert.Equal((1, "a.pdf is there already, and is not written over; give --output."), (code, tool.ErrorText));
            Assert.Equal("mine", await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken));
        }

        Assert.Equal("somebody else's", await File.ReadAllTextAsync(part, TestContext.Current.CancellationToken));
        Assert.Equal(2, _folder.GetFiles().Length);
        Assert.Single(stub.Requests, request => request.Route.StartsWith("/media/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_id_of_which_no_path_is_to_be_made_is_refused()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.StartsWith("/media/", StringComparison.Ordinal) ? new StubAnswer(200, "the file") : StubAnswer.Data(Item("../med_1", "stored")));
        var folder = _folder.CreateSubdirectory("here");
        var (code, tool) = await Tool.RunInAsync(folder, stub.Environment, "media", "get", Id);
        Assert.Equal((1, "The gateway gave the file an id that is none."), (code, tool.ErrorText));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_link_is_printed_whole_however_long_it_is()
    {
        var instance = new string('i', 200);
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data(Item(Id, "stored").Replace("instance_id=VZ1", "instance_id=" + instance, StringComparison.Ordinal)));
        var (_, link) = await Tool.RunAsync(stub.Environment, "media", "get", Id, "--link");
        Assert.Equal($"https://gateway.example.com/media/{Id}?instance_id={instance}&expires=1&signature=s", Assert.Single(link.Output));
    }

    [Theory]
    [InlineData("media list")]
    [InlineData("consumers")]
    public async Task A_token_with_a_line_break_is_a_clear_error(string command)
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data("{}"));
        var environment = stub.Environment;
        environment["VZAPS_INSTANCE_TOKEN"] = StubGateway.InstanceToken + "\nx";
        var (code, tool) = await Tool.RunAsync(environment, command.Split(' '));
        Assert.Equal(2, code);
        Assert.StartsWith("instance_token has a character that no credential has", Assert.Single(tool.Errors), StringComparison.Ordinal);
        Assert.Contains("VZAPS_INSTANCE_TOKEN", tool.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain(StubGateway.InstanceToken, tool.ErrorText, StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    private static string Item(string id, string status, string? name = null, string? error = null, string? sha256 = null) => $$"""
        {"id":"{{id}}","instance_id":"VZ1","status":"{{status}}","mime_type":"application/pdf","file_name":{{(name is null ? "null" : $"\"{name}\"")}},"size":8,"sha256":{{(sha256 is null ? "null" : $"\"{sha256}\"")}},"source":"cloud",
        "created_at":"2026-06-23T22:57:17.000Z","media_url":"https://gateway.example.com/media/{{id}}?instance_id=VZ1&expires=1&signature=s","attempts":0,"next_attempt_at":null,
        "error":{{(error is null ? "null" : $"{{\"code\":\"{error}\",\"message\":\"x\"}}")}}}
        """;
}
