using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Ingest;
using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest;

public sealed class PublishedAnswerTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 1_000)]
    public async Task An_answer_has_all_ids_and_the_indexes_of_all_duplicates_and_the_length_that_it_says(int events, int duplicates)
    {
        var instance = InstanceId.New();
        var result = new AppendResult(
            [.. Enumerable.Range(1, events).Select(sequence => EventPosition.Create(instance, 1_750_000_000_000, sequence))],
            [.. Enumerable.Range(events - duplicates, duplicates)]);
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;

        PublishedAnswer.Write(context.Response, result);
        await context.Response.BodyWriter.FlushAsync();

        Assert.Equal((202, body.Length), (context.Response.StatusCode, context.Response.ContentLength));
        var answer = JsonSerializer.Deserialize<JsonElement>(body.ToArray());
        Assert.Equal(
            result.Positions.Select(position => position.ToString()),
            answer.GetProperty("data").GetProperty("ids").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(result.Duplicates, answer.GetProperty("data").GetProperty("duplicates").EnumerateArray().Select(index => index.GetInt32()));
    }
}
