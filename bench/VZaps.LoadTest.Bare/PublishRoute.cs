using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace VZaps.LoadTest.Bare;

/// <summary><c>POST /instances/{id}/events</c>: one event, an array or lines; answered when they are durable.</summary>
internal sealed class PublishRoute(Topics topics, GroupWriter writer)
{
    private const int InstanceIdLength = 34;
    private static readonly int PathPrefix = "/instances/".Length;

    public async Task HandleAsync(HttpContext context)
    {
        var instance = context.Request.Path.Value!.Substring(PathPrefix, InstanceIdLength);
        var request = new PublishRequest(topics.Get(instance));
        await ReadAsync(context.Request, instance, request.Frames);
        await writer.AppendAsync(request);
        await AnswerAsync(context.Response, request);
    }

    private static async ValueTask ReadAsync(HttpRequest request, string instance, FrameBuffer frames)
    {
        var length = (int)request.ContentLength!.Value;
        var reader = request.BodyReader;
        var body = await reader.ReadAtLeastAsync(length);
        if (body.Buffer.IsSingleSegment)
        {
            Cut(body.Buffer.FirstSpan, instance, frames);
        }
        else
        {
            var whole = ArrayPool<byte>.Shared.Rent(length);
            body.Buffer.CopyTo(whole);
            Cut(whole.AsSpan(0, length), instance, frames);
            ArrayPool<byte>.Shared.Return(whole);
        }

        reader.AdvanceTo(body.Buffer.End);
    }

    /// <summary>Finds the events, and in each its type and its data; nothing else of them is looked at.</summary>
    private static void Cut(ReadOnlySpan<byte> body, string instance, FrameBuffer frames)
    {
        Span<byte> instanceUtf8 = stackalloc byte[InstanceIdLength];
        Encoding.ASCII.GetBytes(instance, instanceUtf8);
        var now = FrameBuffer.TimeText(DateTime.UtcNow);
        if (body[0] == (byte)'[')
        {
            CutArray(body, instanceUtf8, now, frames);
            return;
        }

        frames.Reserve(1 + body.Count((byte)'\n'), body.Length);
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            if (line.Length > 1)
                Add(line, instanceUtf8, now, frames);
            body = body[(end < 0 ? body.Length : end + 1)..];
        }
    }

    private static void CutArray(ReadOnlySpan<byte> body, ReadOnlySpan<byte> instance, ReadOnlySpan<byte> now, FrameBuffer frames)
    {
        frames.Reserve(1, body.Length);
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            Add(body[start..(int)reader.BytesConsumed], instance, now, frames);
        }
    }

    private static void Add(ReadOnlySpan<byte> json, ReadOnlySpan<byte> instance, ReadOnlySpan<byte> now, FrameBuffer frames)
    {
        var type = json[(json.IndexOf("\"type\":\""u8) + 8)..];
        var data = json[(json.IndexOf("\"data\":"u8) + 7)..];
        frames.Add(type[..type.IndexOf((byte)'"')], instance, now, data[..data.LastIndexOf((byte)'}')]);
    }

    private static async Task AnswerAsync(HttpResponse response, PublishRequest request)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json; charset=utf-8";
        Write(response.BodyWriter, request);
        await response.BodyWriter.FlushAsync();
    }

    private static void Write(PipeWriter writer, PublishRequest request)
    {
        writer.Write("{\"code\":202,\"success\":true,\"data\":{\"ids\":["u8);
        for (var i = 0; i < request.Frames.Count; i++)
        {
            writer.Write(i == 0 ? "\""u8 : ",\""u8);
            EventIds.Write(request.FirstSequence + i, writer.GetSpan(EventIds.Length));
            writer.Advance(EventIds.Length);
            writer.Write("\""u8);
        }

        writer.Write("],\"duplicates\":[]}}"u8);
    }
}
