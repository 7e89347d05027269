using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>A gateway on a real Kestrel, a free port and a temporary data folder.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    public const string ClientToken = "vzc_TestClientToken", ClientSecret = "vzs_TestClientSecret0123456789";

    private readonly bool _ownsFolder;

    private GatewayFixture(WebApplication app, string dataPath, bool ownsFolder)
    {
        App = app;
        DataPath = dataPath;
        _ownsFolder = ownsFolder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public string DataPath { get; }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public static string NewFolder() => Directory.CreateTempSubdirectory("vzaps-test-").FullName;

    /// <summary>Starts a gateway.</summary>
    /// <param name="dataPath">A folder that the caller keeps; by default a new one, which goes with the gateway.</param>
    /// <param name="settings">Settings over the defaults; the bootstrap pair is the constants' unless given.</param>
    /// <param name="configure">The last word on the builder.</param>
    public static async Task<GatewayFixture> StartAsync(
        string? dataPath = null, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var path = dataPath ?? NewFolder();
        var app = GatewayApplication.Create(["--urls", "http://127.0.0.1:0", "--data-path", path], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["CLIENT_TOKEN"] = ClientToken, ["CLIENT_SECRET"] = ClientSecret,
            });
            builder.Configuration.AddInMemoryCollection(settings);
            configure?.Invoke(builder);
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new GatewayFixture(app, path, ownsFolder: dataPath is null);
    }

    /// <summary>Starts a gateway for a test of delivery.</summary>
    /// <param name="ackTimeout">Short for what is to come again, an hour for what is not.</param>
    /// <param name="settings">More settings; they win.</param>
    /// <param name="dataPath">As above.</param>
    public static Task<GatewayFixture> StartForDeliveryAsync(string ackTimeout, (string Key, string Value)[] settings, string? dataPath = null)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Delivery:AckTimeout"] = ackTimeout };
        foreach (var (key, value) in settings)
            all[key] = value;
        return StartAsync(dataPath, all);
    }

    public async Task<string> TokenAsync(string clientToken = ClientToken, string clientSecret = ClientSecret)
    {
        using var answer = await Client.PostAsJsonAsync("/token", new { client_token = clientToken, client_secret = clientSecret });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>Makes an instance of the account; its id and token.</summary>
    public async Task<(string Id, string Token)> CreateInstanceAsync(string accessToken, string name = "Support")
    {
        var (status, answer) = await SendAsync(HttpMethod.Put, "/instances/create", new { name }, accessToken);
        return status == 201
            ? (answer.GetProperty("id").GetString()!, answer.GetProperty("token").GetString()!)
            : throw new InvalidOperationException($"{status}: {answer}");
    }

    /// <summary>Sends a request and reads the answer's JSON, if it has any.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, object? body = null, string? accessToken = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is string text)
            request.Content = new StringContent(text, new MediaTypeHeaderValue("application/json"));
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        if (accessToken is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await Client.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return ((int)answer.StatusCode, bytes.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(bytes));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsFolder)
            Directory.Delete(DataPath, recursive: true);
    }
}
