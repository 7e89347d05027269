namespace VZaps;

/// <summary>Why a file could not be had.</summary>
public enum MediaProblem
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary>The gateway could not fetch it from where it came; <see cref="VZapsMediaException.ErrorCode"/> has the reason. It stays so until somebody fetches it again.</summary>
    NotFetched,

    /// <summary>It was still being fetched after <see cref="VZapsClientOptions.MediaPendingTimeout"/>. Try later.</summary>
    StillPending,

    /// <summary>The link has expired, and no new one could be had: the gateway gave none, or the event came without a client (<see cref="WebhookReceiverOptions.Client"/>).</summary>
    LinkExpired,

    /// <summary>The link was refused for another reason than its age.</summary>
    LinkRefused,

    /// <summary>The file is not there any more.</summary>
    Gone,

    /// <summary>The file has another length than was said.</summary>
    WrongLength,

    /// <summary>The bytes are not those of the SHA-256 that was said.</summary>
    WrongHash,

    /// <summary>
    /// The connection broke (the inner exception says how), and what the server gives now does not go on where it broke, or nothing tells whether it does. <see cref="EventMedia.DownloadAsync"/>
    /// fetches the file anew then, so that it is thrown while a stream is read.
    /// </summary>
    Changed,

    /// <summary>The link leads on to where it is not followed: over more than five redirects, from https to http, or to what is no web address.</summary>
    BadRedirect,

    /// <summary>The server gives the file compressed, which was not asked for: the bytes would not be the file's.</summary>
    Encoded,
}
