namespace VZaps.Cli;

/// <summary>How a command ended, for scripts. The same numbers mean the same in every command.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The gateway refused, could not be reached, or (soak, demo) the account does not close.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the profile is wrong: nothing was sent.</summary>
    public const int Misuse = 2;

    /// <summary>An answer was lost: it is not known whether the gateway did what was asked.</summary>
    public const int Unknown = 3;

    /// <summary>Ctrl+C or SIGTERM before the work was done; what shells use for it.</summary>
    public const int Interrupted = 130;

    /// <summary>The lines that every command's help ends with.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    the gateway refused or was not reached; the message says which
          2    the command line or the profile is wrong; nothing was sent
        """;
}
