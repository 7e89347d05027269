using System.Text;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources;

public sealed class OwnFilesTests
{
    private static readonly FileReference Own = new(new string('a', 64), 7), Other = new(new string('b', 64), 7);
    private static readonly string CrossedOut = new('x', Other.ToString().Length);

    [Theory]
    [InlineData("{\"base64\":\"OTHER\"}", "{\"base64\":\"OUT\"}")]
    [InlineData("{\"type\":\"t\",\"\\u0062ase64\" : \"OTHER\",\"x\":1}", "{\"type\":\"t\",\"\\u0062ase64\" : \"OUT\",\"x\":1}")]
    // Each of them, as it is not known which one a reader takes.
    [InlineData("{\"base64\":\"OTHER\",\"base64\":\"OWN\",\"bas\\u00656\\u0034\":\"OTHER\"}", "{\"base64\":\"OUT\",\"base64\":\"OWN\",\"bas\\u00656\\u0034\":\"OUT\"}")]
    // Behind what is nested too deep, and what is no text.
    [InlineData("{\"event\":DEEP,\"base64\":\"OTHER\"}", "{\"event\":DEEP,\"base64\":\"OUT\"}")]
    [InlineData("{\"\\ud800\":\"\\ud800\",\"base64\":\"OTHER\"}", "{\"\\ud800\":\"\\ud800\",\"base64\":\"OUT\"}")]
    // Before what is no JSON.
    [InlineData("{\"base64\":\"OTHER\",oops", "{\"base64\":\"OUT\",oops")]
    public void What_refers_to_anothers_file_is_crossed_out(string given, string expected) => Assert.Equal(Text(expected), Only(given));

    [Theory]
    [InlineData("{\"base64\":\"OWN\",\"type\":\"t\"}")]
    [InlineData("{\"base64\":\"invalid\"}")]
    [InlineData("{\"base64\":{\"base64\":\"OTHER\"}}")]
    [InlineData("{\"event\":{\"base64\":\"OTHER\"},\"note\":\"OTHER\"}")]
    [InlineData("{\"base64\":\"\\ud800\"}")]
    [InlineData("[\"base64\",\"OTHER\"]")]
    [InlineData("no json")]
    [InlineData("")]
    public void All_else_stays_as_it_came(string given)
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes(Text(given));
        Assert.Equal(body, OwnFiles.Only(body, [Own]));
    }

    [Fact]
    public void A_reference_in_other_letters_is_one_too()
    {
        var given = Text("{\"base64\":\"" + string.Concat(Other.ToString().Select(letter => $"\\u{(int)letter:x4}")) + "\"}");
        Assert.DoesNotContain("\\u0062", Encoding.UTF8.GetString(OwnFiles.Only(Encoding.UTF8.GetBytes(given), [Own]).Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_that_is_nested_as_deep_as_it_is_long_is_read_to_its_end()
    {
        var deep = new string('[', 1_000_000) + new string(']', 1_000_000);
        Assert.Equal($"{{\"x\":{deep},\"base64\":\"{CrossedOut}\"}}", Only($"{{\"x\":{deep},\"base64\":\"OTHER\"}}"));
    }

    private static string Only(string given) => Encoding.UTF8.GetString(OwnFiles.Only(Encoding.UTF8.GetBytes(Text(given)), [Own]).Span);

    private static string Text(string given) => given
        .Replace("OWN", Own.ToString(), StringComparison.Ordinal)
        .Replace("OTHER", Other.ToString(), StringComparison.Ordinal)
        .Replace("OUT", CrossedOut, StringComparison.Ordinal)
        .Replace("DEEP", new string('[', 100) + new string(']', 100), StringComparison.Ordinal);
}
