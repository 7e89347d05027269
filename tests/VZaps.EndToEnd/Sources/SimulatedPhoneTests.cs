using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Sources;

/// <summary>The tool as the sender of a source, and the guide's example as the reader.</summary>
public sealed class SimulatedPhoneTests
{
    private const string AppSecret = "app-secret-for-tests", Number = "200000000000002";

    [Theory]
    [InlineData("cloud")]
    [InlineData("wuzapi")]
    public async Task The_quickstart_receives_what_a_simulated_phone_sends(string kind)
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        using var answer = await api.SendAsync(
            HttpMethod.Post, $"/instances/{instance.Id}/sources/{kind}", kind == "cloud" ? $$"""{"phone_number_id":"{{Number}}","app_secret":"{{AppSecret}}"}""" : "{}");
        answer.EnsureSuccessStatusCode();
        var url = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("url").GetString()!;
        await using var quickstart = ExampleProcess.Start("Quickstart", ExampleProcess.PlainSettings(gateway, instance));
        await quickstart.SeesAsync("connected");

        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var tool = Path.Combine(ExampleProcess.Root, "src", "VZaps.Cli", "bin", here.Parent!.Name, here.Name, "VZaps.Cli.dll");
        string[] more = kind == "cloud" ? ["--phone-number-id", Number, "--batch", "5"] : [];
        await using var phone = ExampleProcess.StartProgram(
            "dotnet", [tool, "simulate", kind, url, "--count", "40", "--rate", "200", "--seed", "7", "--duplicates", "30", "--disorder", "30", .. more], [("VZAPS_APP_SECRET", AppSecret)]);
        Assert.Equal(0, await phone.EndsAsync());
        var messages = (await api.ReadHistoryAsync(instance)).Where(one => one.GetProperty("type").GetString() == "Message").Select(one => one.GetProperty("id").GetString()!).ToList();
        Assert.NotEmpty(messages);
        foreach (var id in messages)
            await quickstart.SeesAsync(id);
    }
}
