using VZaps.Protocol;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Collects what is wrong in a section, each mistake with its key.</summary>
internal sealed class KeyCheck(string section)
{
    private readonly List<string> _mistakes = [];

    public IReadOnlyList<string> Mistakes => _mistakes;

    public void Require(bool isRight, string key, string what)
    {
        if (!isRight)
            _mistakes.Add($"{section}:{key} {what}.");
    }

    public void Range(string key, int value, int least, int most) =>
        Require(value >= least && value <= most, key, $"{value} is out of range; give {least} to {most}");

    public void Range(string key, TimeSpan value, TimeSpan least, TimeSpan most) =>
        Require(value >= least && value <= most, key, $"{value} is out of range; give {Short(least)} to {Short(most)}");

    public void Consumer(string key, string? value) => Require(
        value is null || ConsumerName.IsValid(value), key, $"'{value}' is no consumer's name; give 1 to {ConsumerName.MaxLength} of a-z0-9._-, the first a letter or digit");

    /// <summary>The verifier says whether they are secrets; what it throws does not show them.</summary>
    public void Secrets(string key, IList<string> secrets)
    {
        if (secrets.Count == 0)
        {
            Require(false, key, "is missing: give the secret of the endpoint, which begins with whsec_");
            return;
        }

        try
        {
            _ = new WebhookVerifier([.. secrets]);
        }
        catch (ArgumentException)
        {
            Require(false, key, "has what is no secret of an endpoint; give whsec_ and what follows, whole");
        }
    }

    /// <summary>As one would type it: no zeros at the end of a part of a second.</summary>
    private static string Short(TimeSpan time)
    {
        var text = time.ToString("c");
        return text.Contains('.', StringComparison.Ordinal) && time.Ticks % TimeSpan.TicksPerSecond != 0 ? text.TrimEnd('0') : text;
    }
}
