namespace VZaps.LoadTest.Systems;

/// <summary>
/// Lets what waits for a socket run on the thread that polls it: nothing here blocks, and a hop to the pool for each answer would
/// cost more than the answer. The load shares its cores with what it loads.
/// </summary>
internal static class InlineSockets
{
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Before the first socket.</summary>
    public static void Use() => Environment.SetEnvironmentVariable(Variable, "1");
}
