using System.Text;
using VZaps.Cli.Tail;
using Xunit;

namespace VZaps.Cli.Tests.Tail;

public sealed class EnvelopeLineTests
{
    [Fact]
    public void An_envelope_on_one_line_goes_as_it_is() =>
        Assert.Equal("{\"id\": \"é\"}\n", TextOf("{\"id\": \"é\"}"));

    [Fact]
    public void A_payload_over_several_lines_becomes_one_line_of_the_same_content() =>
        Assert.Equal("{\"data\":{\"a\":[1,2.50],\"text\":\"é\\n\"}}\n", TextOf("{\"data\":{\r\n  \"a\": [1,\n2.50], \"text\":\"é\\n\"}}"));

    private static string TextOf(string envelope) => Encoding.UTF8.GetString(EnvelopeLine.Of(Encoding.UTF8.GetBytes(envelope)));
}
