namespace VZaps.Cli.Profiles;

/// <summary>One entry of the profile file; every value may be absent.</summary>
internal sealed class Profile
{
    public string? BaseUrl { get; init; }

    public string? ClientToken { get; init; }

    public string? ClientSecret { get; init; }

    public string? InstanceId { get; init; }

    public string? InstanceToken { get; init; }
}
