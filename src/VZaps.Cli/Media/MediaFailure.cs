namespace VZaps.Cli.Media;

/// <summary>What went wrong with a file, in this tool's words: its options, its commands, the address that it asked.</summary>
internal sealed class MediaFailure(Uri baseUrl, TimeSpan wait)
{
    public VZapsException Of(VZapsException failure, MediaItem item)
    {
        if (failure is VZapsMediaException { Problem: MediaProblem.StillPending })
            return new VZapsException($"{item.Id} is still being fetched after {wait.TotalSeconds:0.###} s (--wait). Try again later.", failure);
        var text = failure.Message;
        if (item.MediaUrl is { IsAbsoluteUri: true } link && LinksAtBaseUrl.AddressOf(baseUrl, link) is { } asked)
            text = text.Replace(link.GetLeftPart(UriPartial.Path), asked.GetLeftPart(UriPartial.Path), StringComparison.Ordinal);
        if (failure is VZapsMediaException { Problem: MediaProblem.NotFetched })
            text += $" To have it fetched again: vzaps media refetch {item.Id}";
        return new VZapsException(text, failure);
    }
}
