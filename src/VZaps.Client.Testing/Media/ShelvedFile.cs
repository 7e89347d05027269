using System.Security.Cryptography;

namespace VZaps.Client.Testing.Media;

/// <summary>A file of the fake gateway. Its shelf's lock is over it.</summary>
internal sealed class ShelvedFile(byte[] content, string mimeType, string? fileName, string source, DateTimeOffset createdAt)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public string Id { get; } = "med_" + RandomNumberGenerator.GetString(Alphabet, 26);

    public byte[] Content => content;

    public string Sha256 { get; } = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();

    public string MimeType => mimeType;

    public string? FileName => fileName;

    public string Source => source;

    public DateTimeOffset CreatedAt => createdAt;

    public ShelfState State { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public int Requests { get; set; }

    /// <summary>After how many bytes the next answers break off.</summary>
    public Queue<int> Cuts { get; } = new();

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
