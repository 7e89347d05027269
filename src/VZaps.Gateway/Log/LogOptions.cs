namespace VZaps.Gateway.Log;

/// <summary>Section <c>Log</c>: the durable log and how long it keeps events.</summary>
internal sealed class LogOptions
{
    public const string Section = "Log";

    /// <summary>The engine. <value>Default <c>segments</c>, the embedded files; <c>memory</c> keeps nothing over a restart.</value></summary>
    public string Engine { get; set; } = "segments";

    /// <summary>How long an event is kept, from its append. <value>Default 72 h; 1 min to 3,650 days.</value></summary>
    public TimeSpan RetentionAge { get; set; } = TimeSpan.FromHours(72);

    /// <summary>Bytes that the whole log may hold. <value>Default 0: 50 GiB or 80 % of the disk, whichever is less; else 2 segments and up.</value></summary>
    public long RetentionBytes { get; set; }

    /// <summary>Bytes that one instance's events may hold. <value>Default 1 GiB; 16 MiB and up.</value></summary>
    public long InstanceRetentionBytes { get; set; } = 1L << 30;

    /// <summary>What to do when the log is full. <value>Default <c>TrimOldest</c>; <c>Refuse</c> answers publishes with 503.</value></summary>
    public LogFullPolicy WhenFull { get; set; } = LogFullPolicy.TrimOldest;

    /// <summary>Size of one file. <value>Default 64 MiB; 16 MiB to 1 GiB.</value></summary>
    public long SegmentBytes { get; set; } = 64L << 20;

    /// <summary>Whether to set damaged files aside and to start with what is sound in them. <value>Default false: damage stops the start.</value></summary>
    public bool SkipCorruptFiles { get; set; }
}

/// <summary>What happens to a publish when the log holds all that it may.</summary>
internal enum LogFullPolicy
{
    /// <summary>The oldest events go.</summary>
    TrimOldest,

    /// <summary>The publish is refused until retention by age has made room.</summary>
    Refuse,
}
