using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.Gateway.Http;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Ingest.Sources.WuzApi;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources.WuzApi;

public sealed class WuzBodyTests : IDisposable
{
    private const string Form = "application/x-www-form-urlencoded";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-test-");
    private readonly IncomingFiles _files;

    public WuzBodyTests() => _files = new IncomingFiles(new DataFolder(_folder.FullName), new DiskMediaStore(new DataFolder(_folder.FullName), TimeProvider.System), new TestSpace(new DataFolder(_folder.FullName)));

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("application/json", """{"event":{},"instanceName":"shop","type":"Connected","userID":"u1"}""", "5c7a79be71800e88adabf1e222c14245b6d396515ef11ff0f0e28951394b22cc")]
    [InlineData(Form, "instanceName=shop&jsonData=%7B%22event%22%3A%7B%7D%2C%22type%22%3A%22Connected%22%7D&userID=u1", "1147d60c9cb1a60acab62b74b4e0001942436624dcfaef49a20d50eefd112825")]
    public async Task The_signature_is_that_of_the_body_as_it_came(string contentType, string text, string signature)
    {
        using var body = await ReadAsync(contentType, text, SourceCalls.HmacKey);
        Assert.True(body.IsSigned(signature));
        foreach (var wrong in new[] { null, "", "sha256=" + signature, signature[..63], signature[..63] + (signature[63] == '0' ? '1' : '0') })
            Assert.False(body.IsSigned(wrong));
        using var changed = await ReadAsync(contentType, text + " ", SourceCalls.HmacKey);
        Assert.False(changed.IsSigned(signature));
        using var otherKey = await ReadAsync(contentType, text, SourceCalls.HmacKey + "0");
        Assert.False(otherKey.IsSigned(signature));
        Assert.Equal("Connected", JsonDocument.Parse(body.Json).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Of_a_multipart_body_the_text_fields_are_signed()
    {
        using var body = await ReadAsync(Multipart(("userID", "u1"), ("jsonData", """{"event":{"x":"a b"},"type":"Message"}"""), ("instanceName", "shop"), ("file", "/tmp/f.jpg")), SourceCalls.HmacKey);
        Assert.True(body.IsSigned("4a2c2602f5c817ae6f60ca06e0e32bdccc07aa4a2c811db9efd28dcc0878c04a"));
        Assert.Equal("u1", body.UserId);
    }

    [Fact]
    public void Texts_are_escaped_as_go_does_it() => Assert.Equal(
        """{"a":"\u003cb\u003e \u0026 \"q\" \\ \n\r\t\b\f\u0001 \u2028 é 👍","b":""}""",
        Encoding.UTF8.GetString(GoJson.Write(new Dictionary<string, string>(StringComparer.Ordinal) { ["b"] = "", ["a"] = "<b> & \"q\" \\ \n\r\t\b\f\u0001 \u2028 é 👍" })));

    [Theory]
    [InlineData("application/json")]
    [InlineData(Form)]
    [InlineData("multipart/form-data")]
    public async Task Every_payload_is_the_same_in_each_of_the_three_forms(string contentType)
    {
        foreach (var name in ExpectedMapping.NamesOf("WuzApi").Where(name => !name.Contains("no-json", StringComparison.Ordinal)))
        {
            var expected = ExpectedMapping.Read("WuzApi", name);
            var text = Encoding.UTF8.GetString(expected.Body).Trim();
            using var body = contentType switch
            {
                Form => await ReadAsync(Form, $"instanceName=shop&jsonData={Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal)}&userID=u1", null),
                "application/json" => await ReadAsync(contentType, text, null),
                _ => await ReadAsync(Multipart(("jsonData", text), ("userID", "u1")), null),
            };
            expected.Check(
                WuzMapper.Map(body.Json, new WuzContext(ExpectedMapping.ReceivedAt, body.UserId, expected.IsConnected, "15550001111@s.whatsapp.net")),
                Encoding.UTF8.GetBytes(text));
        }
    }

    [Fact]
    public async Task An_object_that_is_called_a_form_is_read_as_what_it_is()
    {
        using var body = await ReadAsync(Form, """{"type":"Connected","event":{}}""", null);
        Assert.Equal("Connected", JsonDocument.Parse(body.Json).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_file_of_a_multipart_body_is_kept_and_stands_in_the_event()
    {
        using var content = Multipart(("jsonData", """{"type":"Message","event":{"Info":{"ID":"1","Chat":"a@g.us"}}}"""), ("userID", "u1"));
        var picture = RandomNumberGenerator.GetBytes(300_000);
        content.Add(new ByteArrayContent(picture) { Headers = { ContentType = new("image/jpeg") } }, "file", "a.jpg");
        using var body = await ReadAsync(content, null);
        await body.KeepFilesAsync();
        var media = MediaOf(body.Json);
        Assert.Equal(("image/jpeg", "a.jpg", 300_000), (media.GetProperty("MimeType").GetString(), media.GetProperty("FileName").GetString(), media.GetProperty("Size").GetInt32()));
        Assert.Equal(picture, await File.ReadAllBytesAsync(PathOf(media.GetProperty("File").GetString()!), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_is_the_same_wherever_the_pieces_of_the_body_end()
    {
        var picture = RandomNumberGenerator.GetBytes(100);
        var json = Encoding.UTF8.GetBytes($$"""{ "x" : "a\"b", "base64" : "{{Convert.ToBase64String(picture).Replace("/", "\\/", StringComparison.Ordinal)}}", "y":{"base64":"AAA="},"type":"t"}""");
        for (var size = 1; size < 40; size++)
        {
            using var extractor = new FileExtractor(_files, 10_000);
            foreach (var piece in json.Chunk(size))
                extractor.Write(piece);
            await extractor.KeepFileAsync();
            using var document = JsonDocument.Parse(extractor.Json);
            Assert.Equal("AAA=", document.RootElement.GetProperty("y").GetProperty("base64").GetString());
            var reference = FileReference.Parse(document.RootElement.GetProperty("base64").GetString())!.Value;
            Assert.Equal(100, reference.Bytes);
            Assert.Equal(picture, await File.ReadAllBytesAsync(PathOf(reference.Sha256), TestContext.Current.CancellationToken));
        }

        Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("as System.Text.Json writes it")]
    [InlineData("every character")]
    [InlineData("with broken lines")]
    public async Task A_file_whose_base64_is_escaped_is_the_same_wherever_the_body_is_split(string how)
    {
        // Plus, slash and padding are in it.
        byte[] picture = [0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff, 0x00, 0x69, 0xb7, 0xfb];
        var base64 = Convert.ToBase64String(picture);
        Assert.Equal("++++////AGm3+w==", base64);
        var escaped = how switch
        {
            "every character" => string.Concat(base64.Select((character, i) => i % 2 == 0 ? $"\\u{(int)character:x4}" : $"\\u{(int)character:X4}")),
            "with broken lines" => string.Concat(base64.Chunk(4).Select(line => string.Concat(line).Replace("/", "\\/", StringComparison.Ordinal) + "\\r\\n\\u000d\\u000A")),
            _ => JsonSerializer.Serialize(base64)[1..^1],
        };
        Assert.Contains(how == "with broken lines" ? "\\u000A" : "\\u002B", escaped, StringComparison.Ordinal);
        var json = Encoding.UTF8.GetBytes($$"""{"x":"\u002B","base64":"{{escaped}}","type":"t"}""");
        for (var split = 0; split <= json.Length; split++)
            await HasPictureAsync([json[..split], json[split..]]);
        await HasPictureAsync(json.Chunk(1));

        async Task HasPictureAsync(IEnumerable<byte[]> pieces)
        {
            using var extractor = new FileExtractor(_files, 10_000);
            foreach (var piece in pieces)
                extractor.Write(piece);
            await extractor.KeepFileAsync();
            using var document = JsonDocument.Parse(extractor.Json);
            Assert.Equal(("+", "t"), (document.RootElement.GetProperty("x").GetString(), document.RootElement.GetProperty("type").GetString()));
            var reference = FileReference.Parse(document.RootElement.GetProperty("base64").GetString())!.Value;
            Assert.Equal(picture, await File.ReadAllBytesAsync(PathOf(reference.Sha256), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_large_file_whose_base64_is_escaped_is_whole()
    {
        var picture = RandomNumberGenerator.GetBytes(100_001);
        var json = JsonSerializer.SerializeToUtf8Bytes(new { base64 = Convert.ToBase64String(picture), type = "t" });
        using var extractor = new FileExtractor(_files, 10_000);
        foreach (var piece in json.Chunk(4_099))
            extractor.Write(piece);
        await extractor.KeepFileAsync();
        Assert.Equal(picture, await File.ReadAllBytesAsync(PathOf(extractor.File!.Value.Sha256), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(12_288)]
    [InlineData(24_576)]
    public void A_file_is_whole_wherever_its_base64_ends_in_the_decoders_pieces(int around)
    {
        for (var bytes = around - 4; bytes <= around + 4; bytes++)
        {
            var picture = RandomNumberGenerator.GetBytes(bytes);
            foreach (var base64 in new[] { Convert.ToBase64String(picture), Convert.ToBase64String(picture).TrimEnd('=') })
            {
                using var extractor = new FileExtractor(_files, 10_000);
                extractor.Write(Encoding.ASCII.GetBytes($$"""{"base64":"{{base64}}","type":"t"}"""));
                Assert.Equal(new FileReference(Convert.ToHexStringLower(SHA256.HashData(picture)), bytes), extractor.File);
                Assert.False(extractor.HasNoFile);
            }
        }
    }

    [Fact]
    public void A_body_has_one_file_however_many_it_says_that_it_has()
    {
        using var extractor = new FileExtractor(_files, 1 << 20);
        extractor.Write(Encoding.ASCII.GetBytes($$"""{{{string.Join(',', Enumerable.Repeat("\"base64\":\"AAAA\"", 10_000))}},"type":"t"}"""));
        Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
        Assert.Equal(3, extractor.File!.Value.Bytes);
        Assert.True(extractor.HasNoFile);
        Assert.Equal("t", JsonDocument.Parse(extractor.Json).RootElement.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("AAA\\u003g")]
    [InlineData("AAA\\u00e9")]
    [InlineData("AAA\\u0022")]
    [InlineData("AAA\\u2B41")]
    [InlineData("AAA\\\"")]
    [InlineData("AAA\\x")]
    [InlineData("!!!!")]
    [InlineData("")]
    [InlineData("file:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:1")]
    public void A_text_that_is_no_base64_is_no_file_and_the_rest_is_read(string text)
    {
        using var extractor = new FileExtractor(_files, 10_000);
        extractor.Write(Encoding.UTF8.GetBytes($$"""{"base64":"{{text}}","type":"t"}"""));
        using var document = JsonDocument.Parse(extractor.Json);
        Assert.Null(FileReference.Parse(document.RootElement.GetProperty("base64").GetString()));
        Assert.Equal("t", document.RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_file_of_a_body_that_is_not_kept_is_gone()
    {
        using (await ReadAsync("application/json", """{"base64":"AAAA","type":"t"}""", null))
            Assert.NotEmpty(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_hundred_megabytes_of_base64_do_not_stand_in_memory()
    {
        using var source = new Base64Body(megabytes: 100);
        // The body is there whenever it is asked for, so all is done on this thread.
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var body = await ReadAsync("application/json", source, null);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated is > 0 and < 1_000_000, $"{allocated} bytes were allocated");
        Assert.Equal(75L << 20, FileReference.Parse(JsonDocument.Parse(body.Json).RootElement.GetProperty("base64").GetString())!.Value.Bytes);
    }

    [Fact]
    public async Task What_is_no_file_is_bounded()
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync("application/json", $$"""{"type":"{{new string('x', 20_000)}}"}""", null));
        Assert.Equal(413, refusal.Problem.Status);
        refusal = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(Multipart(("jsonData", new string('x', 20_000))), SourceCalls.HmacKey));
        Assert.Equal(413, refusal.Problem.Status);
        refusal = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(Multipart([.. Enumerable.Range(0, 17).Select(i => ($"f{i}", "x"))]), SourceCalls.HmacKey));
        Assert.Equal(400, refusal.Problem.Status);
    }

    [Theory]
    [InlineData(SourceCalls.HmacKey)]
    [InlineData(null)]
    public async Task A_field_that_comes_twice_is_refused_as_only_one_of_them_can_be_signed(string? key)
    {
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(Multipart(("jsonData", "{"), ("userID", "u1"), ("jsonData", "}")), key));
        Assert.Equal(400, refusal.Problem.Status);
    }

    private string PathOf(string sha256) => Path.Combine(_folder.FullName, DiskMediaStore.Folder, sha256);

    private static JsonElement MediaOf(ReadOnlyMemory<byte> json)
    {
        var mapped = (MappedEvent)WuzMapper.Map(json, new WuzContext(ExpectedMapping.ReceivedAt, null, false, null)).Single();
        return JsonSerializer.Deserialize<JsonElement>(mapped.Data.Span).GetProperty("event").GetProperty("Media");
    }

    private static MultipartFormDataContent Multipart(params (string Name, string Value)[] fields)
    {
        var content = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            content.Add(new StringContent(value), name);
        return content;
    }

    private async Task<WuzBody> ReadAsync(MultipartFormDataContent content, string? key)
    {
        using (content)
            return await ReadAsync(content.Headers.ContentType!.ToString(), await content.ReadAsStreamAsync(), key);
    }

    private Task<WuzBody> ReadAsync(string contentType, string text, string? key) => ReadAsync(contentType, new MemoryStream(Encoding.UTF8.GetBytes(text)), key);

    private Task<WuzBody> ReadAsync(string contentType, Stream stream, string? key)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = contentType;
        context.Request.Body = stream;
        return WuzBody.ReadAsync(context.Request, key is null ? null : Encoding.UTF8.GetBytes(key), _files, maxJsonBytes: 10_000);
    }

    /// <summary>A body that is made while it is read.</summary>
    private sealed class Base64Body(int megabytes) : Stream
    {
        private readonly byte[] _head = Encoding.UTF8.GetBytes("""{"type":"Message","base64":" """.TrimEnd()), _tail = "\"}"u8.ToArray();
        private readonly byte[] _part = new byte[64 * 1024];
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Read(_part, 0, Math.Min(buffer.Length, _part.Length));
            _part.AsMemory(0, count).CopyTo(buffer);
            return new ValueTask<int>(count);
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var (start, middle) = (_position, (long)megabytes << 20);
            var end = Math.Min(start + count, _head.Length + middle + _tail.Length);
            for (; _position < end; _position++)
            {
                buffer[offset++] = _position < _head.Length ? _head[_position]
                    : _position < _head.Length + middle ? (byte)'A' : _tail[_position - _head.Length - middle];
            }

            return (int)(end - start);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
