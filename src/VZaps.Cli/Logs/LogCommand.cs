using System.CommandLine;
using VZaps.Cli.Gateways;
using VZaps.Gateway.Hosting;
using VZaps.Gateway.Storage;

namespace VZaps.Cli.Logs;

/// <summary><c>vzaps log verify</c>: what <c>gateway log verify</c> does, for those who have only the tool.</summary>
internal static class LogCommand
{
    private static readonly Option<string?> DataPath = new("--data-path")
    {
        Description = "The data folder of a gateway that is stopped (VZAPS_DATA_PATH, else ./data).",
    };

    public static Command Create()
    {
        var verify = new Command("verify", $"""
            Checks every byte of the log in a stopped gateway's data folder: says for each file what is sound, what is not, and where. It changes nothing.

            Example:
              vzaps log verify --data-path /var/lib/vzaps

            Exit codes:
              0    all is sound
              {ExitCode.Failure}    something is damaged, a gateway has the folder, or there is none
              {ExitCode.Misuse}    the command line is wrong
            """) { DataPath };
        verify.Does(async (arguments, stopping) =>
        {
            try
            {
                return await LogCommands.VerifyAsync(arguments.GetValue(DataPath), stopping);
            }
            catch (DataFolderInUseException inUse)
            {
                throw new IOException(inUse.Message, inUse);
            }
        });
        return new Command("log", "Works on the log of a gateway that is stopped.") { verify };
    }
}
