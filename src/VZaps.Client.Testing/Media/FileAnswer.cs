using System.Net;
using System.Net.Http.Headers;

namespace VZaps.Client.Testing.Media;

/// <summary>A file as an answer: all of it, a range, or that the client has it.</summary>
internal static class FileAnswer
{
    /// <summary>The answer.</summary>
    /// <param name="request">A GET or a HEAD.</param>
    /// <param name="file">A stored file.</param>
    /// <param name="takeCut">Asked where bytes of it are sent: after how many they break off; null for not at all.</param>
    public static HttpResponseMessage Of(HttpRequestMessage request, ShelvedFile file, Func<int?> takeCut)
    {
        var tag = new EntityTagHeaderValue($"\"{file.Sha256}\"");
        if (request.Headers.IfNoneMatch.Any(known => known.Equals(tag) || known.Tag == "*"))
            return new HttpResponseMessage(HttpStatusCode.NotModified) { Headers = { ETag = tag } };
        var (from, length) = (0L, file.Content.LongLength);
        var isPart = request.Headers.Range is { Unit: "bytes", Ranges: { Count: 1 } ranges } && IsOf(request.Headers.IfRange, tag) && Slice(ranges.Single(), ref from, ref length);
        if (isPart && length <= 0)
            return new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable) { Content = { Headers = { ContentRange = new ContentRangeHeaderValue(file.Content.LongLength) } } };
        var answer = new HttpResponseMessage(isPart ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
        {
            Content = request.Method == HttpMethod.Head
                ? new ByteArrayContent([])
                : new StreamContent(new FileBytes(file.Content.AsMemory((int)from, (int)length), takeCut())),
        };
        Describe(answer, file, tag);
        answer.Content.Headers.ContentLength = length;
        if (isPart)
            answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, from + length - 1, file.Content.LongLength);
        return answer;
    }

    private static void Describe(HttpResponseMessage answer, ShelvedFile file, EntityTagHeaderValue tag)
    {
        answer.Headers.ETag = tag;
        answer.Headers.AcceptRanges.Add("bytes");
        answer.Headers.Add("X-Content-Type-Options", "nosniff");
        answer.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(file.MimeType);
        answer.Content.Headers.LastModified = file.CreatedAt;
        answer.Content.Headers.ContentDisposition = new ContentDispositionHeaderValue("inline") { FileName = file.Id, FileNameStar = file.FileName ?? file.Id };
    }

    private static bool IsOf(RangeConditionHeaderValue? condition, EntityTagHeaderValue tag) => condition is null || tag.Equals(condition.EntityTag);

    /// <summary>The part that is asked for; of a length of 0 where there is none. False where the range says nothing.</summary>
    private static bool Slice(RangeItemHeaderValue range, ref long from, ref long length)
    {
        if (range.From is { } first)
            (from, length) = (first, Math.Min(range.To ?? long.MaxValue - 1, length - 1) - first + 1);
        else if (range.To is { } last)
            (from, length) = (Math.Max(length - last, 0), Math.Min(last, length));
        return true;
    }
}
