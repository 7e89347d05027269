namespace VZaps.Client.Http;

/// <summary>
/// Takes secrets out of what a server wrote, before it gets into an exception: an answer or a close reason may repeat what
/// it was sent.
/// </summary>
internal static class SecretMask
{
    private const int MaxLength = 500;

    public static string Apply(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (var secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
                text = text.Replace(secret, "***", StringComparison.Ordinal);
        }

        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
    }
}
