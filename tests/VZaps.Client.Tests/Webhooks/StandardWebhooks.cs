using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>npm's <c>standardwebhooks</c> in a node of its own: another implementation of the same signature.</summary>
internal sealed class StandardWebhooks : IAsyncDisposable
{
    private readonly Process _node;

    public StandardWebhooks()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            throw new InvalidOperationException($"standardwebhooks is not installed: npm ci --prefix {Folder}, or run ./test, which does that.");
        _node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, "answer.js")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    // …/tests/VZaps.Client.Tests/bin/Release/net10.0
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../standardwebhooks"));

    public async Task<string> SignAsync(string secret, string id, long timestamp, byte[] body) =>
        (await AskAsync(new() { ["op"] = "sign", ["secret"] = secret, ["id"] = id, ["timestamp"] = timestamp, ["body"] = Convert.ToBase64String(body) }))
        .GetProperty("signature").GetString()!;

    /// <summary>What is wrong with a post; null where it is right.</summary>
    public async Task<string?> VerifyAsync(string secret, string id, long timestamp, string signature, byte[] body) =>
        (await AskAsync(new()
        {
            ["op"] = "verify", ["secret"] = secret, ["id"] = id, ["timestamp"] = timestamp, ["signature"] = signature, ["body"] = Convert.ToBase64String(body),
        })).GetProperty("error").GetString();

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync().OrFailAsync();
        _node.Dispose();
    }

    private async Task<JsonElement> AskAsync(JsonObject question)
    {
        await _node.StandardInput.WriteLineAsync(question.ToJsonString());
        await _node.StandardInput.FlushAsync();
        var line = await _node.StandardOutput.ReadLineAsync().OrFailAsync() ?? throw new InvalidOperationException("node has ended; it said why on standard error.");
        return JsonSerializer.Deserialize<JsonElement>(line);
    }
}
