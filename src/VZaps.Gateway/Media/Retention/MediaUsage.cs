namespace VZaps.Gateway.Media;

/// <summary>What files take.</summary>
/// <param name="Files">How many there are.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Removed">Bytes that went.</param>
internal readonly record struct MediaUsage(int Files, long Bytes, long Removed)
{
    /// <summary>With one file more.</summary>
    public MediaUsage With(long bytes) => this with { Files = Files + 1, Bytes = Bytes + bytes };

    /// <summary>When one has gone.</summary>
    public MediaUsage Without(long bytes) => new(Files - 1, Bytes - bytes, Removed + bytes);
}
