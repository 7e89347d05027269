using System.CommandLine;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Hosting;

/// <summary><c>log verify</c>: checks every byte of the log of a gateway that is stopped.</summary>
internal static class LogCommands
{
    private static readonly Option<string?> DataPath = new("--data-path") { Description = "The data folder (VZAPS_DATA_PATH, else ./data).", Recursive = true };

    public static Command Create()
    {
        var log = new Command("log", "Works on the log; the gateway must be stopped.") { DataPath };
        var verify = new Command("verify", "Says for each file what is sound, what is not, and where. Exit code 1 if something is damaged.");
        verify.SetAction((arguments, cancellationToken) => VerifyAsync(arguments.GetValue(DataPath), cancellationToken));
        log.Add(verify);
        return log;
    }

    /// <summary>Checks the log in a data folder, and writes to standard output what is found.</summary>
    /// <param name="dataPath">The folder; null for the one that the configuration names.</param>
    /// <param name="cancellationToken">Ends the check between two files.</param>
    /// <returns>The exit code: 1 if something is damaged, or there is no such folder.</returns>
    /// <exception cref="DataFolderInUseException">A gateway has the folder.</exception>
    public static async Task<int> VerifyAsync(string? dataPath, CancellationToken cancellationToken)
    {
        var path = dataPath ?? GatewayConfiguration.DataPathOf(GatewayConfiguration.Read([]));
        if (!Directory.Exists(path))
        {
            await Console.Error.WriteLineAsync($"There is no folder '{path}'; give the gateway's data folder with --data-path.");
            return 1;
        }

        var folder = new DataFolder(path);
        using var held = DataFolderLock.Take(folder, TimeProvider.System);
        var (files, events, damaged) = (0, 0L, 0);
        foreach (var verdict in LogRegistration.Verify(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await PrintAsync(verdict);
            files++;
            events += verdict.Events;
            damaged += verdict.Damage.Count > 0 ? 1 : 0;
        }

        await Console.Out.WriteLineAsync($"{files} files, {events} sound events, {damaged} damaged files.");
        return damaged == 0 ? 0 : 1;
    }

    private static async Task PrintAsync(LogFileVerdict verdict)
    {
        var state = verdict.Damage.Count > 0 ? "DAMAGED" : "sound";
        await Console.Out.WriteLineAsync($"{verdict.Name}  {state}  {verdict.Bytes} bytes, {verdict.Events} events, {verdict.Keys} keys");
        foreach (var damage in verdict.Damage)
            await Console.Out.WriteLineAsync($"    bytes {damage.Offset} to {damage.EndOffset}: {damage.What}");
        foreach (var note in verdict.Notes)
            await Console.Out.WriteLineAsync($"    {note}");
    }
}
