using Spectre.Console;

namespace VZaps.Cli.Screen;

/// <summary>The console: colour on a terminal, plain text everywhere else.</summary>
internal static class ScreenConsole
{
    /// <summary>Wider than any line: lines are broken by the terminal, which joins them again when they are copied.</summary>
    private const int Width = 32_000;

    /// <param name="output">Where to write.</param>
    /// <param name="isTerminal">Whether a person reads it.</param>
    /// <param name="environment">The environment's variables; <c>NO_COLOR</c> turns colour off.</param>
    public static IAnsiConsole Create(TextWriter output, bool isTerminal, Func<string, string?> environment)
    {
        var plain = !isTerminal || !string.IsNullOrEmpty(environment("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
            // Build servers' profiles turn colour on where nobody asked for it.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = Width;
        return console;
    }
}
