using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Simulate;

/// <summary>The commands of sources against a running gateway, as somebody without a phone uses them.</summary>
public sealed class SimulateTests : IAsyncLifetime, IDisposable
{
    private const string ClientToken = "vzc_test", ClientSecret = "vzs_test0123456789", AppSecret = "app-secret-for-tests", Number = "200000000000002";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-test-");
    private readonly HttpClient _http = new();
    private readonly string _url = $"http://127.0.0.1:{FreePort()}";
    private Tool? _gateway;
    private string _instance = "";

    public async ValueTask InitializeAsync()
    {
        _gateway = Tool.Start(
            new Dictionary<string, string> { ["VZAPS_CLIENT_TOKEN"] = ClientToken, ["VZAPS_CLIENT_SECRET"] = ClientSecret },
            "soak-gateway", "--urls", _url, "--data-path", _folder.FullName);
        await Wait.UntilAsync(() => _gateway.Output.Any(line => line.Contains("Application started", StringComparison.Ordinal)), "the gateway runs");
        using var token = await _http.PostAsJsonAsync(_url + "/token", new { client_token = ClientToken, client_secret = ClientSecret });
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await token.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());
        using var made = await _http.PutAsJsonAsync(_url + "/instances/create", new { name = "simulated" });
        _instance = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _gateway!.Input.Close();
        await _gateway.WaitAsync();
        Dispose();
        _folder.Delete(recursive: true);
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        _http.Dispose();
    }

    [Theory]
    [InlineData("cloud")]
    [InlineData("wuzapi")]
    public async Task What_a_simulated_phone_sends_twice_and_out_of_order_is_in_the_log_once(string kind)
    {
        var (code, set) = await RunAsync(["sources", "set", kind, .. kind == "cloud" ? new[] { "--phone-number-id", Number } : []]);
        Assert.True(code == 0, set.ErrorText);
        var url = Assert.Single(set.Output, line => line.StartsWith("url: ", StringComparison.Ordinal))["url: ".Length..];
        var (simulated, phone) = await RunAsync(
        [
            "simulate", kind, url, "--rate", "1000", "--count", "60", "--seed", "7", "--duplicates", "50", "--disorder", "30",
            .. kind == "cloud" ? new[] { "--phone-number-id", Number, "--batch", "4" } : [],
        ]);
        Assert.True(simulated == 0, phone.ErrorText);
        Assert.StartsWith("60 updates in ", phone.Output.Last(), StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 sent twice", phone.Output.Last(), StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 out of order", phone.Output.Last(), StringComparison.Ordinal);

        var (_, list) = await RunAsync(["sources", "list", "--json"]);
        var counts = JsonSerializer.Deserialize<JsonElement>(Assert.Single(list.Output))[0].GetProperty("counts");
        var events = (await _http.GetFromJsonAsync<JsonElement>($"{_url}/instances/{_instance}/events?limit=1000")).GetProperty("data").GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(events.Count, counts.GetProperty("published").GetInt32());
        Assert.True(counts.GetProperty("duplicates").GetInt32() > 0);
        Assert.Equal(0, counts.GetProperty("kept").GetInt32());
        var ids = events.Where(one => one.GetProperty("type").GetString() == "Message").Select(one => one.GetProperty("data").GetProperty("event").GetProperty("Info").GetProperty("ID").GetString()).ToList();
        Assert.True(ids.Count > 5);
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_script_is_said_line_by_line()
    {
        var script = Path.Combine(_folder.FullName, "talk.txt");
        await File.WriteAllLinesAsync(script, ["# a talk", "Ana: Are you open?", "", "me: Until six: come by", "Zoë: And tomorrow?"], TestContext.Current.CancellationToken);
        var (_, set) = await RunAsync(["sources", "set", "wuzapi"]);
        var (code, phone) = await RunAsync(["simulate", "wuzapi", set.Output.First()["url: ".Length..], "--script", script, "--rate", "1000", "--duplicates", "0", "--disorder", "0"]);
        Assert.True(code == 0, phone.ErrorText);
        var events = (await _http.GetFromJsonAsync<JsonElement>($"{_url}/instances/{_instance}/events")).GetProperty("data").GetProperty("events").EnumerateArray();
        Assert.Equal(
            ["Are you open?", "Until six: come by", "And tomorrow?"],
            events.Select(one => one.GetProperty("data").GetProperty("event").GetProperty("Message").GetProperty("conversation").GetString()));
    }

    [Fact]
    public async Task A_wrong_url_or_secret_is_told_and_not_tried_again()
    {
        await RunAsync(["sources", "set", "wuzapi"]);
        var (code, phone) = await RunAsync(["simulate", "wuzapi", _url + "/sources/src_unknown/secret"]);
        Assert.Equal(1, code);
        Assert.Contains("no source at that URL", phone.ErrorText, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, Tool Tool)> RunAsync(string[] arguments) => Tool.RunAsync(
        new Dictionary<string, string>
        {
            ["VZAPS_BASE_URL"] = _url, ["VZAPS_CLIENT_TOKEN"] = ClientToken, ["VZAPS_CLIENT_SECRET"] = ClientSecret, ["VZAPS_INSTANCE_ID"] = _instance, ["VZAPS_APP_SECRET"] = AppSecret,
        },
        arguments);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
