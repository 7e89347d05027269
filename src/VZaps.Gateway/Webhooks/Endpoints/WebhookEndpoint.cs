namespace VZaps.Gateway.Webhooks;

/// <summary>How an endpoint does.</summary>
/// <param name="LastSuccessAt">When it took a post last.</param>
/// <param name="FailingSince">The first failure since then; null while it is well.</param>
internal readonly record struct EndpointHealth(DateTimeOffset? LastSuccessAt, DateTimeOffset? FailingSince);

/// <summary>One endpoint, live: there is one object of it, which the routes, the loop that posts and the saver share. Thread-safe.</summary>
internal sealed class WebhookEndpoint(long id, InstanceId instance, string name)
{
    /// <summary>The endpoint of the classic route, and of the instance's field <c>webhook</c>.</summary>
    public const string DefaultName = "default";

    private readonly Lock _lock = new();
    private EndpointHealth _health;
    private long _position;
    private long _version;
    private long _lazyVersion;
    private bool _isWarned;

    public long Id => id;

    public InstanceId Instance => instance;

    public string Name => name;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>As it is set; the directory alone changes it.</summary>
    public required EndpointSettings Settings { get; set => Volatile.Write(ref field!, value); }

    public bool IsDeleted { get; set => Volatile.Write(ref field, value); }

    /// <summary>Grows when it begins to fail, or ends to: the saver saves that within a second.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Grows with each success and with the position: both are saved now and then, as nothing depends on the last of them.</summary>
    public long LazyVersion => Volatile.Read(ref _lazyVersion);

    /// <summary>The versions that are in the table.</summary>
    public (long Version, long LazyVersion) Saved { get; set; }

    /// <summary>Every event at or below it has a delivery or was passed over.</summary>
    public long Position => Volatile.Read(ref _position);

    public EndpointHealth Health
    {
        get
        {
            lock (_lock)
                return _health;
        }
    }

    /// <summary>What the table has.</summary>
    public void Restore(long position, EndpointHealth health)
    {
        lock (_lock)
            (_position, _health) = (position, health);
    }

    /// <summary>The position goes forward; never back.</summary>
    public void Advance(long position)
    {
        lock (_lock)
        {
            if (position <= _position)
                return;
            _position = position;
            _lazyVersion++;
        }
    }

    /// <summary>A post was taken.</summary>
    public void NoteSuccess(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_health.FailingSince is not null)
                _version++;
            _health = new EndpointHealth(now, FailingSince: null);
            _isWarned = false;
            _lazyVersion++;
        }
    }

    /// <summary>A post was not taken; since when none was.</summary>
    public DateTimeOffset NoteFailure(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_health.FailingSince is { } since)
                return since;
            _health = _health with { FailingSince = now };
            _version++;
            return now;
        }
    }

    /// <summary>It begins anew: what was before does not count.</summary>
    public void ForgetFailures()
    {
        lock (_lock)
        {
            _health = _health with { FailingSince = null };
            _isWarned = false;
            _version++;
        }
    }

    /// <summary>Whether it is to be said now that it fails: once until its next success.</summary>
    public bool TakeWarning()
    {
        lock (_lock)
            return !_isWarned && (_isWarned = true);
    }
}
