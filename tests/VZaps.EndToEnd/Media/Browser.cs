using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VZaps.EndToEnd.Media;

/// <summary>A Chromium without a window, told what to do over its debugging protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly ConcurrentQueue<JsonElement> _events = new();
    private Task _reading = Task.CompletedTask;
    private string? _session;
    private int _lastCall;

    private Browser(Process process, DirectoryInfo folder) => (_process, _folder) = (process, folder);

    /// <summary>Where downloads go.</summary>
    public string Downloads => Path.Combine(_folder.FullName, "downloads");

    /// <summary>Starts one.</summary>
    /// <exception cref="InvalidOperationException">None is installed.</exception>
    public static async Task<Browser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists) is not { } program)
            throw new InvalidOperationException("No Chromium is installed: apt-get install chromium.");
        var folder = Directory.CreateTempSubdirectory("vzaps-browser-");
        // Tests may run as root, for whom it has no sandbox; it opens nothing but the gateway's own links.
        var process = Process.Start(new ProcessStartInfo(program,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={folder.FullName}/profile", "--remote-debugging-port=0", "about:blank"])
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        var browser = new Browser(process, folder);
        await browser.ConnectAsync();
        return browser;
    }

    public Task OpenAsync(string url) => CallAsync("Page.navigate", new JsonObject { ["url"] = url }, inPage: true);

    /// <summary>Runs a script in the page, and waits for what it promises.</summary>
    public async Task<JsonElement> RunAsync(string script)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true, ["userGesture"] = true }, inPage: true);
        return answer.TryGetProperty("exceptionDetails", out var thrown) ? throw new InvalidOperationException(thrown.GetRawText()) : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Whether a page is open in which the browser's own viewer shows a document.</summary>
    public async Task<bool> ShowsViewerAsync()
    {
        // With no filter, it does not tell of what belongs to the browser itself.
        var targets = await CallAsync("Target.getTargets", new JsonObject { ["filter"] = new JsonArray(new JsonObject()) });
        return targets.GetProperty("targetInfos").EnumerateArray().Any(target => target.GetProperty("url").GetString()!.StartsWith("chrome-extension:", StringComparison.Ordinal));
    }

    /// <summary>Waits for the next download to be complete; the name that the browser gives it, and its bytes.</summary>
    public async Task<(string Name, byte[] Content)> DownloadedAsync()
    {
        var (begun, guid) = (default(JsonElement), "");
        await Wait.UntilAsync(
            () =>
            {
                while (_events.TryDequeue(out var told))
                {
                    var parameters = told.GetProperty("params");
                    if (told.GetProperty("method").GetString() == "Browser.downloadWillBegin")
                        (begun, guid) = (parameters, parameters.GetProperty("guid").GetString()!);
                    else if (told.GetProperty("method").GetString() == "Browser.downloadProgress" && parameters.GetProperty("guid").GetString() == guid && parameters.GetProperty("state").GetString() == "completed")
                        return true;
                }

                return false;
            },
            "the download is complete");
        return (begun.GetProperty("suggestedFilename").GetString()!, await File.ReadAllBytesAsync(Path.Combine(Downloads, guid)));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _process.Dispose();
        // Its children may hold a file for a moment longer.
        await Wait.UntilAsync(
            () =>
            {
                try
                {
                    _folder.Delete(recursive: true);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "the browser's folder is deleted");
    }

    private async Task ConnectAsync()
    {
        var found = new TaskCompletionSource<string>();
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.IndexOf("ws://", StringComparison.Ordinal) is { } at and >= 0)
                found.TrySetResult(line.Data[at..].Trim());
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _socket.ConnectAsync(new Uri(await found.Task.WaitAsync(Patience)), CancellationToken.None);
        _reading = ReadAsync();
        await CallAsync("Browser.setDownloadBehavior", new JsonObject { ["behavior"] = "allowAndName", ["downloadPath"] = Downloads, ["eventsEnabled"] = true });
        var target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target.GetProperty("targetId").GetString(), ["flatten"] = true });
        _session = attached.GetProperty("sessionId").GetString();
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters, bool inPage = false)
    {
        var call = new JsonObject { ["id"] = ++_lastCall, ["method"] = method, ["params"] = parameters };
        if (inPage)
            call["sessionId"] = _session;
        var answer = _calls[_lastCall] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var message = new MemoryStream();
            ValueWebSocketReceiveResult read;
            do
            {
                read = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.Write(buffer, 0, read.Count);
            }
            while (!read.EndOfMessage);
            var told = JsonSerializer.Deserialize<JsonElement>(message.ToArray());
            if (!told.TryGetProperty("id", out var id))
                _events.Enqueue(told);
            else if (_calls.TryRemove(id.GetInt32(), out var call))
                call.SetResult(told.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(told.GetRawText()));
        }
    }
}
