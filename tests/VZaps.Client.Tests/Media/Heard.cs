namespace VZaps.Client.Tests.Media;

/// <summary>What a download reported.</summary>
internal sealed class Heard : IProgress<MediaProgress>
{
    public List<MediaProgress> Steps { get; } = [];

    public Action<MediaProgress>? At { get; init; }

    public void Report(MediaProgress value)
    {
        Steps.Add(value);
        At?.Invoke(value);
    }
}
