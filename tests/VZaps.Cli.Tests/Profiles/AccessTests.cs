using VZaps.Cli.Profiles;
using Xunit;

namespace VZaps.Cli.Tests.Profiles;

public sealed class AccessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("vzaps-test-");
    private readonly Dictionary<string, string> _environment = [];
    private readonly StringWriter _warnings = new();

    private string File => Path.Combine(_folder.Path, "profiles.json");

    public AccessTests() => _environment["VZAPS_PROFILE_FILE"] = File;

    [Fact]
    public void The_default_profile_gives_all_values()
    {
        Write("""{"default":{"base_url":"https://gateway.example.com/vz","client_token":"ct","client_secret":"cs","instance_id":"VZ1","instance_token":"it"}}""");
        var access = Read();
        Assert.Equal("https://gateway.example.com/vz", access.BaseUrl.ToString());
        Assert.Equal(("ct", "cs", "VZ1", "it"), (access.ClientToken, access.ClientSecret, access.InstanceId, access.InstanceToken));
        Assert.Empty(_warnings.ToString());
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_an_option_over_both()
    {
        Write("""{"default":{"base_url":"http://file","client_token":"file","instance_id":"file"}}""");
        _environment["VZAPS_BASE_URL"] = "http://environment";
        _environment["VZAPS_CLIENT_TOKEN"] = "environment";
        _environment["VZAPS_INSTANCE_ID"] = "environment";
        var access = Read(instance: "option");
        Assert.Equal("http://environment/", access.BaseUrl.ToString());
        Assert.Equal(("environment", "option"), (access.ClientToken, access.InstanceId));
        Assert.Equal("http://option/", Read(url: "http://option").BaseUrl.ToString());
    }

    [Theory]
    [InlineData(null, null, null, "file-token")]
    [InlineData("VZ-option", null, null, null)]
    [InlineData("VZ-option", null, "environment-token", null)]
    [InlineData("VZ-option", "VZ-environment", "environment-token", null)]
    [InlineData("VZ-environment", "VZ-environment", "environment-token", "environment-token")]
    [InlineData("VZ-file", null, null, "file-token")]
    [InlineData("VZ-file", "VZ-environment", "environment-token", "file-token")]
    [InlineData(null, "VZ-environment", null, null)]
    [InlineData(null, "VZ-environment", "environment-token", "environment-token")]
    [InlineData(null, null, "environment-token", "environment-token")]
    public void An_instances_token_is_never_used_for_another_instance(string? option, string? id, string? token, string? expected)
    {
        Write("""{"default":{"client_token":"ct","client_secret":"cs","instance_id":"VZ-file","instance_token":"file-token"}}""");
        if (id is not null)
            _environment["VZAPS_INSTANCE_ID"] = id;
        if (token is not null)
            _environment["VZAPS_INSTANCE_TOKEN"] = token;
        var access = Read(instance: option);
        Assert.Equal(option ?? id ?? "VZ-file", access.InstanceId);
        Assert.Equal(expected, access.HasInstanceToken ? access.InstanceToken : null);
    }

    [Theory]
    [InlineData(null, "profile 'default'")]
    [InlineData("environment-token", "VZAPS_INSTANCE_TOKEN")]
    public void A_token_that_is_left_aside_is_told_where_one_is_needed(string? token, string place)
    {
        Write("""{"default":{"instance_id":"VZ-file","instance_token":"file-token"}}""");
        if (token is not null)
            _environment["VZAPS_INSTANCE_TOKEN"] = token;
        var message = Assert.Throws<MisuseException>(() => Read(instance: "VZ-option").InstanceToken).Message;
        Assert.All(["instance_token", place, "VZ-option", "VZAPS_INSTANCE_ID and VZAPS_INSTANCE_TOKEN"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("file-token", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_is_chosen_by_its_name()
    {
        Write("""{"default":{"instance_id":"one"},"staging":{"instance_id":"two"}}""");
        Assert.Equal("two", Read(profile: "staging").InstanceId);
    }

    [Fact]
    public void A_profile_that_is_not_there_is_refused_with_the_names_of_those_that_are()
    {
        Write("""{"default":{},"staging":{}}""");
        var refusal = Assert.Throws<MisuseException>(() => Read(profile: "prod"));
        Assert.Contains("'prod'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("default, staging", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_the_environment_is_enough()
    {
        _environment["VZAPS_CLIENT_TOKEN"] = "ct";
        Assert.Equal("ct", Read().ClientToken);
        Assert.Equal("http://localhost:8080/", Read().BaseUrl.ToString());
    }

    [Fact]
    public void What_is_missing_is_named_with_the_ways_to_give_it()
    {
        var id = Assert.Throws<MisuseException>(() => Read().InstanceId).Message;
        Assert.All(["instance_id", "--instance", "VZAPS_INSTANCE_ID", File], part => Assert.Contains(part, id, StringComparison.Ordinal));
        var secret = Assert.Throws<MisuseException>(() => Read().ClientSecret).Message;
        Assert.All(["client_secret", "VZAPS_CLIENT_SECRET", File, "--profile"], part => Assert.Contains(part, secret, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_others_can_read_is_warned_of_and_used()
    {
        if (OperatingSystem.IsWindows())
            return;
        Write("""{"default":{"client_token":"ct"}}""");
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal("ct", Read().ClientToken);
        Assert.Contains($"chmod 600 {File}", _warnings.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"default":{"client_secret":"s3cr3t" "instance_id":"VZ1"}}""")]
    [InlineData("""{"default":{"client_secret":["s3cr3t"]}}""")]
    [InlineData("""["s3cr3t"]""")]
    public void A_broken_file_is_refused_without_quoting_it(string content)
    {
        Write(content);
        var refusal = Assert.Throws<MisuseException>(() => Read());
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway.example.com")]
    [InlineData("ftp://gateway.example.com")]
    [InlineData("https://user:s3cr3t@gateway.example.com")]
    public void An_address_that_is_none_is_refused_without_quoting_it(string url)
    {
        var refusal = Assert.Throws<MisuseException>(() => Read(url: url));
        Assert.DoesNotContain("s3cr3t", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_under_the_configuration_folder_of_the_user()
    {
        _environment.Remove("VZAPS_PROFILE_FILE");
        _environment["XDG_CONFIG_HOME"] = "/home/me/settings";
        Assert.Equal("/home/me/settings/vzaps/profiles.json", ProfileFile.PathOf(_environment.GetValueOrDefault));
        _environment["XDG_CONFIG_HOME"] = "relative";
        Assert.EndsWith("/.config/vzaps/profiles.json", ProfileFile.PathOf(_environment.GetValueOrDefault), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _warnings.Dispose();
        _folder.Dispose();
    }

    private Access Read(string? profile = null, string? url = null, string? instance = null) =>
        Access.From(new AccessChoice(profile, url, instance), _environment.GetValueOrDefault, _warnings);

    private void Write(string content)
    {
        System.IO.File.WriteAllText(File, content);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
