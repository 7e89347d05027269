using System.CommandLine;

namespace VZaps.Cli.Profiles;

/// <summary>The options by which every command that talks to a gateway is told which one.</summary>
internal sealed class AccessOptions
{
    /// <summary>The part of a command's help that says where credentials come from.</summary>
    public const string Help = """
        Gateway, account and instance come from the profile 'default' (or --profile NAME) of ~/.config/vzaps/profiles.json
        (under XDG_CONFIG_HOME where that is set; VZAPS_PROFILE_FILE names another file):
          {"default":{"base_url":"https://…","client_token":"…","client_secret":"…","instance_id":"VZ…","instance_token":"…"}}
        VZAPS_BASE_URL, VZAPS_CLIENT_TOKEN, VZAPS_CLIENT_SECRET, VZAPS_INSTANCE_ID and VZAPS_INSTANCE_TOKEN win over the file,
        --url and --instance over both. An instance token is used for the instance whose id stands beside it: with another id by
        --instance or VZAPS_INSTANCE_ID, calls are made with the client secret. Secrets are no options: an option shows in 'ps' and in
        the shell's history.
        """;

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "The profile to use.",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<string?> _url = new("--url")
    {
        Description = "The gateway's address.",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _instance = new("--instance")
    {
        Description = "The instance's id.",
        HelpName = "ID",
        Recursive = true,
    };

    /// <summary>Adds them to a command and its subcommands.</summary>
    public void AddTo(Command command)
    {
        command.Add(_profile);
        command.Add(_url);
        command.Add(_instance);
    }

    /// <exception cref="MisuseException">The profile or the address is wrong.</exception>
    public Access Read(ParseResult parsed) => Access.From(
        new AccessChoice(parsed.GetValue(_profile), parsed.GetValue(_url), parsed.GetValue(_instance)), Environment.GetEnvironmentVariable, Console.Error);
}
