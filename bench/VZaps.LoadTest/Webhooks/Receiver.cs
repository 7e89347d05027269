using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace VZaps.LoadTest.Webhooks;

/// <summary>One post, as its receiver saw it. Times are <see cref="Stopwatch"/> timestamps.</summary>
/// <param name="EventId">Its <c>webhook-id</c>.</param>
/// <param name="Attempt">Its <c>vzaps-attempt</c>.</param>
/// <param name="ArrivedAt">When all of it was there.</param>
internal sealed record ReceivedPost(string EventId, int Attempt, long ArrivedAt)
{
    /// <summary>What it was answered; 0 where it was not.</summary>
    public int Status { get; private set; }

    /// <summary>When the answer had left; 0 where none has.</summary>
    public long AnsweredAt { get; private set; }

    public bool IsTaken => Status == StatusCodes.Status200OK;

    public void Answered(int status) => (Status, AnsweredAt) = (status, Stopwatch.GetTimestamp());
}

/// <summary>One endpoint of an instance: answers as it is its conduct, and keeps account of every post. Thread-safe.</summary>
internal sealed class Receiver(string instance, string name, Conduct conduct, Task released)
{
    /// <summary>What a small service needs for its answer; without it nothing would be in flight when the gateway is killed.</summary>
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<ReceivedPost> _posts = new();
    private readonly ConcurrentDictionary<string, bool> _taken = new(StringComparer.Ordinal);
    private int _unanswered;

    public string Instance => instance;

    public string Name => name;

    public Conduct Conduct => conduct;

    /// <summary>All posts in the order of their arrival.</summary>
    public IReadOnlyCollection<ReceivedPost> Posts => _posts;

    /// <summary>How many events were taken.</summary>
    public int Taken => _taken.Count;

    /// <summary>Posts that have come and have no answer yet.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    public async Task ReceiveAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var headers = context.Request.Headers;
        var post = new ReceivedPost(headers["webhook-id"].ToString(), int.Parse(headers["vzaps-attempt"].ToString(), CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
        _posts.Enqueue(post);
        Interlocked.Increment(ref _unanswered);
        try
        {
            await AnswerAsync(context, post);
        }
        catch (OperationCanceledException)
        {
            // The gateway has hung up: it was killed, or its time was over.
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    private async Task AnswerAsync(HttpContext context, ReceivedPost post)
    {
        await (conduct == Conduct.Hangs ? released.WaitAsync(context.RequestAborted) : Task.Delay(Work, context.RequestAborted));
        context.Response.StatusCode = Answering.StatusOf(conduct, post.EventId, post.Attempt);
        if (context.Response.StatusCode == StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = Answering.RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        await context.Response.CompleteAsync();
        context.RequestAborted.ThrowIfCancellationRequested();
        post.Answered(context.Response.StatusCode);
        if (post.IsTaken)
            _taken[post.EventId] = true;
    }
}
