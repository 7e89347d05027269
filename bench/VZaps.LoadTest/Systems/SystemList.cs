namespace VZaps.LoadTest.Systems;

/// <summary>The systems by their names.</summary>
internal static class SystemList
{
    public const string Reference = "bare";

    /// <summary>The systems of <c>--against</c>: <c>gateway</c>, <c>bare</c>, <c>nats</c>, <c>nats-sync</c>, or <c>NAME=PATH</c> for another build of the gateway.</summary>
    /// <exception cref="MisuseException">There is none of a name.</exception>
    public static IReadOnlyList<ISystem> Make(Arguments arguments) =>
        [.. (arguments.Text("against") ?? "gateway,bare,nats").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => Make(name, arguments))];

    private static ISystem Make(string name, Arguments arguments)
    {
        var folder = arguments.Text("folder");
        return name.Split('=', 2) switch
        {
            ["gateway"] => Gateway(name, Path.Combine(AppContext.BaseDirectory, "VZaps.Gateway.dll"), arguments),
            [var other, var path] => Gateway(other, Path.GetFullPath(path), arguments),
            [Reference] => new BareSystem(folder),
            ["nats"] => new NatsSystem(folder, syncsAlways: false),
            ["nats-sync"] => new NatsSystem(folder, syncsAlways: true),
            _ => throw new MisuseException($"'{name}' is no system. Use any of: gateway, bare, nats, nats-sync, or NAME=PATH-OF-VZaps.Gateway.dll."),
        };
    }

    private static GatewaySystem Gateway(string name, string program, Arguments arguments) =>
        new(name, program, arguments.Text("folder"), arguments.Has("extension"), [.. arguments.All("set").Select(Setting)]);

    private static (string Name, string Value) Setting(string text) => text.Split('=', 2) is [var name, var value]
        ? (name, value)
        : throw new MisuseException($"'{text}' is no setting. Use --set Section:Name=VALUE.");
}
