using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace VZaps.Gateway.Hosting;

/// <summary>Where settings come from: <c>appsettings.json</c>, then the environment with the prefix <c>VZAPS_</c>, then the command line.</summary>
internal static class GatewayConfiguration
{
    public const string DataPathKey = "DATA_PATH", ClientTokenKey = "CLIENT_TOKEN", ClientSecretKey = "CLIENT_SECRET";

    private const string EnvironmentPrefix = "VZAPS_";
    private const string DefaultDataPath = "./data";

    private const string UrlsKey = "urls", DefaultUrls = "http://localhost:8080";

    private static readonly Dictionary<string, string?> Defaults = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        // It says at each start that the keys in the data folder are not encrypted by a key that would have to be kept beside them.
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
        // It prints a request's begin and end, and where it could print anything, it makes an activity and a scope of each request.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
    };

    public static string DataPathOf(IConfiguration configuration) =>
        configuration[DataPathKey] is { Length: > 0 } path ? path : DefaultDataPath;

    public static void Use(ConfigurationManager configuration, string[] args)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        // The framework also reads every variable without a prefix, and a stray CLIENT_SECRET is nobody's wish.
        foreach (var unprefixed in sources.OfType<EnvironmentVariablesConfigurationSource>().Where(source => string.IsNullOrEmpty(source.Prefix)).ToArray())
            sources.Remove(unprefixed);
        foreach (var commandLine in sources.OfType<CommandLineConfigurationSource>().ToArray())
            sources.Remove(commandLine);
        sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        AddOwn(configuration, args);
        // The framework would pass over ports in favour of addresses, also of ours; an image of .NET has ASPNETCORE_HTTP_PORTS, and a gateway in it
        // would be deaf. Without either, the framework's own default is another port.
        if (new[] { UrlsKey, "http_ports", "https_ports" }.All(key => string.IsNullOrEmpty(configuration[key])))
            sources.Insert(0, new MemoryConfigurationSource { InitialData = [new(UrlsKey, DefaultUrls)] });
    }

    /// <summary>The same settings, for a command that runs no server.</summary>
    public static IConfiguration Read(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true);
        AddOwn(configuration, args);
        return configuration.Build();
    }

    private static void AddOwn(IConfigurationBuilder configuration, string[] args) => configuration
        .AddEnvironmentVariables(EnvironmentPrefix)
        .AddCommandLine(args, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["--data-path"] = DataPathKey });
}
