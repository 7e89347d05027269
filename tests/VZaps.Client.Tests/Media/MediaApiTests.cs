using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Media;

/// <summary>The files of an instance, without an event at hand.</summary>
public sealed class MediaApiTests
{
    [Fact]
    public async Task A_file_is_found_by_its_own_id_or_by_its_events_and_has_all_that_the_server_said()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = Answer(gateway, _ => Data(Item(files, "failed", error: "media_not_at_source")));
        await using var client = gateway.NewClient();
        var item = await client.Media.GetAsync("VZ1", "med_1");
        await client.Media.GetAsync("VZ1", "evt_1");
        Assert.Equal(["GET /instances/VZ1/media/med_1 Bearer jwt-1", "GET /instances/VZ1/events/evt_1/media Bearer jwt-1"], seen);
        Assert.Equal(("med_1", "VZ1", MediaStatus.Failed, "application/pdf", "orçamento.pdf", "cloud", 8), (item.Id, item.InstanceId, item.Status, item.MimeType, item.FileName, item.Source, item.Attempts));
        Assert.Equal(("media_not_at_source", "Gone there."), (item.Error!.Code, item.Error.Message));
        Assert.Equal(new DateTimeOffset(2026, 6, 23, 22, 57, 17, TimeSpan.Zero), item.CreatedAt);
        Assert.Equal("green", item.Extra!["colour"].GetString());
        Assert.DoesNotContain(FileServer.Secret, item.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(FileServer.Secret, item.File!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_file_downloads_and_renews_its_link_as_an_events_does()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = Answer(gateway, _ => Data(Item(files, "stored")));
        await using var client = gateway.NewClient();
        var media = (await client.Media.WithInstanceToken("its-token").GetAsync("VZ1", "evt_1")).File!;
        Assert.Equal((MediaStatus.Stored, FileServer.Sha256, 300_000), (media.Status, media.Sha256, media.Size));
        files.RefuseNext(403, "media_link_expired");
        files.CutAt(100_000);
        using var folder = new Folder();
        await media.DownloadAsync(folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(folder.File));
        Assert.Equal(["GET /instances/VZ1/events/evt_1/media its-token", "GET /instances/VZ1/media/med_1 its-token"], seen);
        Assert.All(files.Headers, header => Assert.DoesNotContain("its-token", header, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_is_read_page_after_page_with_what_was_asked_for()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = Answer(gateway, request => Data(request.QueryString.Value!.Contains("after=med_1", StringComparison.Ordinal)
            ? $$"""{"items":[{{Item(files, "eaten")}}],"next_after":null,"has_more":false}"""
            : $$"""{"items":[{{Item(files, "pending")}}],"next_after":"med_1","has_more":true}"""));
        await using var client = gateway.NewClient();
        var found = new List<MediaItem>();
        await foreach (var item in client.Media.ListAllAsync("VZ1", new ListMediaRequest { Statuses = [MediaStatus.Pending, MediaStatus.Failed], Limit = 1 }))
            found.Add(item);
        Assert.Equal([MediaStatus.Pending, MediaStatus.Unknown], found.Select(item => item.Status));
        Assert.All(found, item => Assert.Equal(files.Url, item.File!.Url.ToString()));
        Assert.Equal(
            ["GET /instances/VZ1/media?limit=1&status=pending%2Cfailed Bearer jwt-1", "GET /instances/VZ1/media?limit=1&status=pending%2Cfailed&after=med_1 Bearer jwt-1"], seen);
        var page = await client.Media.ListAsync("VZ1", new ListMediaRequest());
        Assert.Equal((1, "med_1", true), (page.Items.Count, page.NextAfter, page.HasMore));
        Assert.Equal("GET /instances/VZ1/media?limit=100 Bearer jwt-1", seen.Last());
        Assert.Equal(page.NextAfter, (await client.Media.ListAsync("VZ1")).NextAfter);
        Assert.Equal("GET /instances/VZ1/media?limit=100 Bearer jwt-1", seen.Last());
    }

    [Fact]
    public async Task A_server_that_does_not_come_to_an_end_is_an_error_and_not_a_loop()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        Answer(gateway, _ => Data($$"""{"items":[{{Item(files, "stored")}}],"next_after":"med_1","has_more":true}"""));
        await using var client = gateway.NewClient();
        var read = 0;
        var endless = await Assert.ThrowsAsync<VZapsApiException>(async () =>
        {
            await foreach (var _ in client.Media.ListAllAsync("VZ1", new ListMediaRequest()))
                read++;
        });
        Assert.Contains("'med_1' a second time", endless.Message, StringComparison.Ordinal);
        Assert.Equal(2, read);
    }

    [Fact]
    public async Task One_or_all_are_fetched_again()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = Answer(gateway, request => request.Path.Value!.EndsWith("VZ1/media/fetch", StringComparison.Ordinal) ? Data("""{"again":3}""") : Data(Item(files, "pending")));
        await using var client = gateway.NewClient();
        Assert.Equal(MediaStatus.Pending, (await client.Media.RefetchAsync("VZ1", "med_2")).Status);
        await client.Media.RefetchAsync("VZ1", "evt_1");
        Assert.Equal(3, await client.Media.RefetchAllAsync("VZ1"));
        Assert.Equal(
            ["GET /instances/VZ1/media/med_2", "POST /media/med_1/fetch", "GET /instances/VZ1/events/evt_1/media", "POST /media/med_1/fetch", "POST /instances/VZ1/media/fetch"],
            seen.Select(call => call.Replace(" Bearer jwt-1", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_of_another_instance_is_not_fetched_again()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            seen.Enqueue(context.Request.Method);
            // The route without an instance takes any file of the account.
            return context.Request.Path == "/media/med_1/fetch" ? context.Response.WriteAsync(Data(Item(files, "pending"))) : ScriptedServer.RefuseAsync(context, 404, "media_not_found", "None.");
        };
        await using var client = gateway.NewClient();
        var foreign = await Assert.ThrowsAsync<VZapsApiException>(() => client.Media.RefetchAsync("VZ2", "med_1"));
        Assert.Equal("media_not_found", foreign.ErrorCode);
        Assert.Equal(["GET"], seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_leads_elsewhere_is_refused_before_anything_is_sent(string wrong)
    {
        await using var gateway = await ScriptedServer.StartAsync();
        var seen = Answer(gateway, _ => Data("{}"));
        await using var client = gateway.NewClient();
        var media = client.Media;
        foreach (var call in (Func<Task>[])
        [
            () => media.GetAsync(wrong, "med_1"), () => media.GetAsync("VZ1", wrong), () => media.ListAsync(wrong), () => media.ListAsync(wrong, new ListMediaRequest()),
            () => media.RefetchAsync(wrong, "med_1"), () => media.RefetchAsync("VZ1", wrong), () => media.RefetchAllAsync(wrong),
        ])
            Assert.Contains((await Assert.ThrowsAsync<ArgumentException>(call)).ParamName, (string[])["instanceId", "id"]);
        Assert.Throws<ArgumentException>(() => media.ListAllAsync(wrong, new ListMediaRequest()));
        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("its-token\n")]
    public async Task A_token_that_is_none_is_refused_and_not_shown(string token)
    {
        await using var gateway = await ScriptedServer.StartAsync();
        await using var client = gateway.NewClient();
        var refused = Assert.Throws<ArgumentException>(() => client.Media.WithInstanceToken(token));
        Assert.StartsWith("instanceToken ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("its-token", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said_by_its_code_and_what_is_asked_wrongly_at_once()
    {
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = context => ScriptedServer.RefuseAsync(context, 404, "event_has_no_media", "None.");
        await using var client = gateway.NewClient();
        var refused = await Assert.ThrowsAsync<VZapsApiException>(() => client.Media.GetAsync("VZ1", "evt_1"));
        Assert.Equal((404, "event_has_no_media"), (refused.StatusCode, refused.ErrorCode));
        foreach (var limit in (int[])[0, 1_001])
            Assert.Contains("give 1 to 1000", Assert.Throws<ArgumentException>(() => client.Media.ListAllAsync("VZ1", new ListMediaRequest { Limit = limit })).Message, StringComparison.Ordinal);
        Assert.Contains("use Stored, Pending or Failed", Assert.Throws<ArgumentException>(() => client.Media.ListAllAsync("VZ1", new ListMediaRequest { Statuses = [MediaStatus.Unknown] })).Message, StringComparison.Ordinal);
    }

    private static ConcurrentQueue<string> Answer(ScriptedServer gateway, Func<HttpRequest, string> answer)
    {
        var seen = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            var (request, headers) = (context.Request, context.Request.Headers);
            seen.Enqueue($"{request.Method} {request.Path}{request.QueryString} {headers.Authorization}{headers["X-Instance-Token"]}");
            return context.Response.WriteAsync(answer(request));
        };
        return seen;
    }

    private static string Data(string json) => $$"""{"code":200,"success":true,"data":{{json}}}""";

    private static string Item(FileServer files, string status, string? error = null) => $$"""
        {"id":"med_1","instance_id":"VZ1","status":"{{status}}","mime_type":"application/pdf","file_name":"orçamento.pdf","size":300000,"sha256":"{{FileServer.Sha256}}","source":"cloud",
        "created_at":"2026-06-23T22:57:17.000Z","media_url":"{{files.Url}}","attempts":8,"next_attempt_at":null,"colour":"green",
        "error":{{(error is null ? "null" : $$"""{"code":"{{error}}","message":"Gone there."}""")}}}
        """;
}
