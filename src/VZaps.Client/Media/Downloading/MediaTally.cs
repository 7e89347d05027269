using VZaps.Client.Telemetry;

namespace VZaps.Client.Media;

/// <summary>How a file that somebody asked for ended: the meter hears of it once, however many connections and tries it took.</summary>
internal sealed class MediaTally
{
    private string _outcome = "abandoned";
    private bool _isTold;

    /// <summary>It went wrong, and may be tried again.</summary>
    public void Failed(Exception failure) => _outcome = NameOf(failure);

    /// <summary>All of it is there, and is what was said.</summary>
    public void Completed()
    {
        _outcome = "completed";
        Left();
    }

    /// <summary>Nobody will ask for more of it.</summary>
    public void Left()
    {
        if (_isTold)
            return;
        _isTold = true;
        ClientTelemetry.MediaDownloads.Add(1, MessagingTags.MediaOutcome, _outcome);
    }

    // A closed set: it is a tag.
    private static string NameOf(Exception failure) => failure switch
    {
        OperationCanceledException => "cancelled",
        VZapsTimeoutException => "timed_out",
        VZapsMediaException media => media.Problem switch
        {
            MediaProblem.NotFetched => "not_fetched",
            MediaProblem.StillPending => "still_pending",
            MediaProblem.LinkExpired => "link_expired",
            MediaProblem.LinkRefused => "link_refused",
            MediaProblem.Gone => "gone",
            MediaProblem.WrongLength => "wrong_length",
            MediaProblem.WrongHash => "wrong_hash",
            MediaProblem.Changed => "changed",
            _ => "failed",
        },
        _ => "failed",
    };
}
