using System.Text.Json;

namespace VZaps.Cli.Profiles;

/// <summary>The file that keeps named profiles: <c>{"default":{"base_url":…,"client_token":…}}</c>.</summary>
internal static class ProfileFile
{
    public const string DefaultProfile = "default";
    public const string PathVariable = "VZAPS_PROFILE_FILE";

    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Where the file is, whether it exists or not.</summary>
    public static string PathOf(Func<string, string?> environment)
    {
        if (environment(PathVariable) is { Length: > 0 } given)
            return given;
        var folder = environment("XDG_CONFIG_HOME");
        // The specification has relative paths ignored.
        if (string.IsNullOrEmpty(folder) || !Path.IsPathRooted(folder))
            folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return Path.Combine(folder, "vzaps", "profiles.json");
    }

    /// <summary>Reads one profile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The profile that was asked for; null for the default one, which need not be there.</param>
    /// <param name="warnings">Where a file that others can read is warned of.</param>
    /// <exception cref="MisuseException">The file cannot be read, or lacks the profile that was asked for.</exception>
    public static Profile Read(string path, string? name, TextWriter warnings)
    {
        if (!File.Exists(path))
        {
            return name is null
                ? new Profile()
                : throw new MisuseException($"There is no profile '{name}': the file {path} does not exist. {PathVariable} names another file.");
        }

        WarnOfOthers(path, warnings);
        var profiles = ReadAll(path);
        if (profiles.TryGetValue(name ?? DefaultProfile, out var found) && found is not null)
            return found;
        return name is null
            ? new Profile()
            : throw new MisuseException($"{path} has no profile '{name}'. It has: {string.Join(", ", profiles.Keys.Order(StringComparer.Ordinal))}.");
    }

    private static Dictionary<string, Profile> ReadAll(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ProfileJson.Default.DictionaryStringProfile) ?? [];
        }
        catch (JsonException broken)
        {
            // Not the parser's own text, which may quote what stands there: a secret.
            throw new MisuseException(
                $"{path} cannot be read as profiles (line {broken.LineNumber + 1}): it is JSON like {{\"default\":{{\"client_token\":\"…\",\"instance_id\":\"…\"}}}}, all values texts.", broken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new MisuseException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private static void WarnOfOthers(string path, TextWriter warnings)
    {
        if (OperatingSystem.IsWindows())
            return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & ForOthers) != UnixFileMode.None)
            warnings.WriteLine($"warning: {path} holds secrets, and others can read or change it (mode {Convert.ToString((int)mode, 8)}). Run: chmod 600 {path}");
    }
}
