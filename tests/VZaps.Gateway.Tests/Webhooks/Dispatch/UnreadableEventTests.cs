using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class UnreadableEventTests
{
    [Fact]
    public async Task A_retry_of_an_event_that_cannot_be_read_ends_with_an_attempt_that_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Damages a file that is open.");
        var folder = GatewayFixture.NewFolder();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using (var gateway = await WebhookCalls.StartGatewayAsync(folder, settings: ("Webhooks:RetrySchedule", "00:00:00.1")))
        {
            var instance = await gateway.NewInstanceAsync();
            await gateway.SetWebhookAsync(instance, new { webhook_url = receiver.Url });
            receiver.AnswerAll(404);
            var id = (await gateway.PublishAsync(instance))[0];
            await LogBecomesAsync(gateway, instance, log => log.Text("status") == "failed");
            ForgetCopies(folder);
            await DamageAsync(folder, id);

            var (asked, _) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook/logs/retry", new { status = "failed" }, instance.AccessToken);
            Assert.Equal(202, asked);
            var log = await LogBecomesAsync(gateway, instance, log => log.GetProperty("attempts").GetArrayLength() == 3);
            Assert.Contains("The event could not be read", log.GetProperty("attempts")[2].Text("error"), StringComparison.Ordinal);
            Assert.False(log.GetProperty("retry_asked").GetBoolean());
            Assert.Equal("failed", log.Text("status"));
            Assert.Equal(2, receiver.Posts.Count);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonElement> LogBecomesAsync(GatewayFixture gateway, TestInstance instance, Func<JsonElement, bool> condition)
    {
        JsonElement page = default;
        var holds = await Eventually.HoldsAsync(
            async () => (page = await gateway.CallAsync(instance, HttpMethod.Post, "/webhook/logs/search", new { })).GetProperty("content") is var content
                && content.GetArrayLength() == 1 && condition(content[0]),
            seconds: 30);
        return holds ? page.GetProperty("content")[0] : throw new InvalidOperationException($"Never so: {page}");
    }

    private static void ForgetCopies(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, GatewayDatabase.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM webhook_payloads";
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    // By another program, as the gateway has the file.
    private static async Task DamageAsync(string folder, string id)
    {
        var file = Directory.EnumerateFiles(Path.Combine(folder, "log"), "*.segment").Order(StringComparer.Ordinal).First();
        using var content = File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var start = new byte[64 * 1_024];
        var length = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false);
        var place = start.AsSpan(0, length).IndexOf(Encoding.ASCII.GetBytes(id));
        Assert.True(place > 0);
        using var damage = Process.Start("dd", ["if=/dev/zero", $"of={file}", "bs=1", $"seek={place + 6}", "count=1", "conv=notrunc", "status=none"]);
        await damage.WaitForExitAsync();
        Assert.Equal(0, damage.ExitCode);
    }
}
