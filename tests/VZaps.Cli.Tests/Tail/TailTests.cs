using System.Diagnostics;
using System.Text.Json;
using VZaps.Cli.Demo;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Tail;

/// <summary>The built tool against a real gateway.</summary>
public sealed class TailTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("vzaps-test-");
    private DemoGateway _gateway = null!;
    private VZapsClient _client = null!;
    private VZapsInstance _instance = null!;

    private Dictionary<string, string> Environment => new(StringComparer.Ordinal)
    {
        ["VZAPS_BASE_URL"] = _gateway.Address.ToString(),
        ["VZAPS_CLIENT_TOKEN"] = _gateway.ClientToken,
        ["VZAPS_CLIENT_SECRET"] = _gateway.ClientSecret,
        ["VZAPS_INSTANCE_ID"] = _instance.Id,
        ["VZAPS_INSTANCE_TOKEN"] = _instance.Token!,
    };

    public async ValueTask InitializeAsync()
    {
        _gateway = await DemoGateway.StartAsync(_folder.Path, 0, CancellationToken.None);
        _client = new VZapsClient(new VZapsClientOptions { ClientToken = _gateway.ClientToken, ClientSecret = _gateway.ClientSecret, BaseUrl = _gateway.Address });
        _instance = await _client.Instances.CreateAsync(new CreateInstanceRequest { Name = "Tailed" });
    }

    [Fact]
    public async Task From_the_start_it_shows_all_that_is_retained_and_then_what_comes()
    {
        var first = await PublishAsync(EventType.Message, "one", "two");
        using var tool = Tool.Start(Environment, "tail", "--from", "start", "--json", "--count", "3");
        await Wait.UntilAsync(() => tool.Output.Count == 2, "two envelopes");
        var later = await PublishAsync(EventType.Presence, "three");
        Assert.Equal(0, await tool.WaitAsync());
        Assert.Equal([.. first, .. later], tool.Output.Select(IdOf));
    }

    [Fact]
    public async Task From_the_start_with_a_filter_it_shows_those_types_alone()
    {
        await PublishAsync(EventType.Presence, "no");
        var wanted = await PublishAsync(EventType.Message, "yes");
        await PublishAsync(EventType.Presence, "no");
        wanted.AddRange(await PublishAsync(EventType.ReadReceipt, "yes"));
        var (code, tool) = await Tool.RunAsync(Environment, "tail", "--from", "start", "--json", "-n", "2", "--events", "Message, ReadReceipt");
        Assert.Equal(0, code);
        Assert.Equal(wanted, tool.Output.Select(IdOf));
    }

    [Fact]
    public async Task From_the_start_of_an_empty_log_it_waits_for_the_first_event()
    {
        using var tool = Tool.Start(Environment, "tail", "--from", "start", "--json", "-n", "1");
        // Whenever it comes, before, while or after the tail connects: it must be shown.
        var ids = await PublishAsync(EventType.Message, "first");
        Assert.Equal(0, await tool.WaitAsync());
        Assert.Equal(ids, tool.Output.Select(IdOf));
    }

    [Fact]
    public async Task After_an_event_it_shows_what_follows_it()
    {
        var ids = await PublishAsync(EventType.Message, "one", "two", "three");
        var (code, tool) = await Tool.RunAsync(Environment, "tail", "--from", ids[0], "--json", "--count", "2");
        Assert.Equal(0, code);
        Assert.Equal(ids[1..], tool.Output.Select(IdOf));
        Assert.Empty(tool.ErrorText);
    }

    [Fact]
    public async Task Lines_are_plain_in_a_pipe_and_an_interrupt_is_the_usual_end()
    {
        var ids = await PublishAsync(EventType.Message, "good \u001b[31mmorning");
        using var tool = Tool.Start(Environment, "tail", "--from", "start");
        await Wait.UntilAsync(() => !tool.Output.IsEmpty, "the line");
        await tool.InterruptAsync();
        Assert.Equal(0, await tool.WaitAsync());
        var line = Assert.Single(tool.Output);
        Assert.Contains("Message", line, StringComparison.Ordinal);
        Assert.Contains("12025550188: good", line, StringComparison.Ordinal);
        Assert.EndsWith(ids[0], line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }

    [Fact]
    public async Task It_takes_nothing_from_other_consumers_and_leaves_none_behind()
    {
        await using var production = await _client.Events.SubscribeAsync(new EventSubscribeRequest { InstanceId = _instance.Id, InstanceToken = _instance.Token! });
        await PublishAsync(EventType.Message, "one");
        var (code, _) = await Tool.RunAsync(Environment, "tail", "--from", "start", "-n", "1");
        Assert.Equal(0, code);
        var received = new TaskCompletionSource<string>();
        production.On(EventType.All, seen => received.TrySetResult(seen.Id));
        await production.StartAsync();
        await received.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_reader_that_leaves_ends_it_without_an_error()
    {
        await PublishAsync(EventType.Message, [.. Enumerable.Range(0, 5).Select(i => $"{i}")]);
        using var shell = StartShell($"{ToolCommand} tail --from start --json | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}");
        // Until the pipe is seen to be closed.
        using var ending = new CancellationTokenSource();
        var publishing = PublishUntilAsync(ending.Token);
        var exit = await shell.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await ending.CancelAsync();
        await publishing;
        Assert.Equal("0", exit.Trim());
        Assert.Empty(await shell.StandardError.ReadToEndAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task In_a_file_that_others_write_too_nothing_is_written_over(string format)
    {
        var ids = await PublishAsync(EventType.Message, "one");
        var file = Path.Combine(_folder.Path, "shared.txt");
        using var shell = StartShell($"(echo before; {ToolCommand} tail --from start {format} --count 1; echo after) > '{file}'");
        await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(3, lines.Length);
        Assert.Equal(("before", "after"), (lines[0], lines[2]));
        Assert.Contains(ids[0], lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_told_with_exit_code_one()
    {
        var environment = Environment;
        environment["VZAPS_INSTANCE_TOKEN"] = "vzi_wrong";
        var (code, tool) = await Tool.RunAsync(environment, "tail");
        Assert.Equal(1, code);
        Assert.Contains("401", tool.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("vzi_wrong", tool.ErrorText, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    private static string ToolCommand => $"dotnet '{typeof(ExitCode).Assembly.Location}'";

    private Process StartShell(string commands)
    {
        var start = new ProcessStartInfo("bash", ["-c", commands]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task PublishUntilAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
            await PublishAsync(EventType.Message, "more");
    }

    private async Task<List<string>> PublishAsync(EventType type, params string[] texts)
    {
        var result = await _client.Events.PublishAsync(new EventPublishRequest
        {
            InstanceId = _instance.Id,
            InstanceToken = _instance.Token,
            Events = [.. texts.Select(text => new PublishEvent { Type = type, Data = DataOf(text) })],
        });
        return [.. result.Ids];
    }

    private static JsonElement DataOf(string text) => JsonSerializer.SerializeToElement(new
    {
        @event = new { Info = new { Sender = "12025550188@s.whatsapp.net" }, Message = new { conversation = text } },
    });

    private static string IdOf(string line)
    {
        using var envelope = JsonDocument.Parse(line);
        return envelope.RootElement.GetProperty("id").GetString()!;
    }
}
