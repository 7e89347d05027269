namespace VZaps;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">How many bytes are there, those of an earlier call included.</param>
/// <param name="TotalBytes">How many there will be; null where nobody said.</param>
public readonly record struct MediaProgress(long Bytes, long? TotalBytes);
