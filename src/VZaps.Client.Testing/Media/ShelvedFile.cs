using System.Buffers;
using System.Security.Cryptography;

namespace VZaps.Client.Testing.Media;

/// <summary>A file of the fake gateway. Its shelf's lock is over it.</summary>
internal sealed class ShelvedFile(byte[] content, string mimeType, string? fileName, string source, DateTimeOffset createdAt)
{
    private const string Prefix = "med_", Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 26;
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    public string Id { get; } = Prefix + RandomNumberGenerator.GetString(Alphabet, Characters);

    public byte[] Content => content;

    public string Sha256 { get; } = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();

    public string MimeType => mimeType;

    public string? FileName => fileName;

    public string Source => source;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public ShelfState State { get; set; }

    /// <summary>While it is pending: when it was to be fetched, which was at once.</summary>
    public DateTimeOffset DueAt { get; set; } = createdAt;

    /// <summary>Of the last attempt that failed, until it is stored.</summary>
    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public int Requests { get; set; }

    /// <summary>After how many bytes the next answers break off.</summary>
    public Queue<int> Cuts { get; } = new();

    /// <summary>Whether a text is the id of a file, be there one or not.</summary>
    public static bool IsId(string text) =>
        text.Length == Prefix.Length + Characters && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Allowed) < 0;

    /// <summary>Completes when it stands otherwise.</summary>
    public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How a file stands.</summary>
internal enum ShelfState
{
    Stored,
    Pending,
    Failed,
    Gone,
}
