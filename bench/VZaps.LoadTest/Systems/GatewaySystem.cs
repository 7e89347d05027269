using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace VZaps.LoadTest.Systems;

/// <summary>The gateway, of this build or of another one.</summary>
/// <param name="name">How the tables call it.</param>
/// <param name="program">Its VZaps.Gateway.dll.</param>
/// <param name="folder">Where it stores; null for the temporary folder.</param>
/// <param name="isExtended">Whether subscribers ask for the extension.</param>
/// <param name="settings">Further settings, as <c>Section:Name</c>.</param>
internal sealed class GatewaySystem(
    string name, string program, string? folder, bool isExtended, IReadOnlyList<(string Name, string Value)> settings) : ISystem
{
    private const string ClientToken = "vzc_LoadTest", ClientSecret = "vzs_LoadTestLoadTestLoadTestLoadTest";
    private const long InstanceBytes = 8L << 30;

    public string Name => name;

    public string? Missing => File.Exists(program) ? null : $"{program} is missing; build it first.";

    public async Task<IServer> StartAsync(ServerNeeds needs)
    {
        var process = ServerProcess.Start(folder, "dotnet", (_, endpoint) => [program, "--urls", $"http://{endpoint}"], Environment);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{process.Endpoint}") };
        await process.WaitUntilAsync(() => HttpReadiness.IsReadyAsync(http, "/health/ready"));
        var instances = await MakeInstancesAsync(http, needs.Instances);
        return new HttpServer(process, instances, request => $"&consumer={request.Reader}", isExtended);
    }

    private IEnumerable<(string Name, string Value)> Environment(string own)
    {
        yield return ("VZAPS_DATA_PATH", own);
        yield return ("VZAPS_CLIENT_TOKEN", ClientToken);
        yield return ("VZAPS_CLIENT_SECRET", ClientSecret);
        yield return ("VZAPS_Log__InstanceRetentionBytes", InstanceBytes.ToString(CultureInfo.InvariantCulture));
        foreach (var (setting, value) in settings)
            yield return ("VZAPS_" + setting.Replace(":", "__", StringComparison.Ordinal), value);
    }

    private static async Task<IReadOnlyList<HttpInstance>> MakeInstancesAsync(HttpClient http, int count)
    {
        using var signedIn = await http.PostAsJsonAsync("/token", new { client_token = ClientToken, client_secret = ClientSecret });
        var token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var instances = new List<HttpInstance>(count);
        for (var i = 0; i < count; i++)
        {
            using var made = await http.PutAsJsonAsync("/instances/create", new { name = $"load test {i}" });
            made.EnsureSuccessStatusCode();
            var instance = await made.Content.ReadFromJsonAsync<JsonElement>();
            var credentials = $"X-Client-Token: {ClientToken}\r\nX-Instance-Token: {instance.GetProperty("token").GetString()}\r\n";
            instances.Add(new HttpInstance(instance.GetProperty("id").GetString()!, credentials));
        }

        return instances;
    }
}
