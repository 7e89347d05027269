namespace Examples;

/// <summary>What the plain examples have in common, so that each shows its own.</summary>
internal static class Example
{
    /// <summary>A value of the environment that must be there.</summary>
    public static string Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"Set {name} in the environment first.");

    /// <summary>Is cancelled by Ctrl+C: the program closes first, then ends.</summary>
    public static CancellationToken StopOnCtrlC()
    {
        var stopping = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stopping.Cancel();
        };
        return stopping.Token;
    }
}
