using System.Buffers.Binary;
using System.Text;
using VZaps.Gateway.Realtime;
using VZaps.Gateway.Tests.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class FrameParserTests
{
    private const int MaxMessage = 1_000;
    private const byte Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    [Fact]
    public void Messages_are_the_same_however_they_are_cut_into_frames_and_reads()
    {
        foreach (var seed in Histories.Seeds(2_000))
            Histories.Run(seed, RunHistory);
    }

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(MaxMessage)]
    public void A_message_up_to_the_limit_is_read(int length)
    {
        var received = Parse(Frame(Text, new byte[length]));
        Assert.Equal((ReceivedKind.Text, length), (received.Single().Kind, received.Single().Payload.Length));
    }

    [Fact]
    public void A_message_over_the_limit_is_told_before_it_is_read_and_passed_over()
    {
        byte[] bytes = [.. Frame(Text, new byte[MaxMessage + 1]), .. Frame(Ping, [7])];
        Assert.Equal([ReceivedKind.TooBig, ReceivedKind.Ping], Parse(bytes).Select(one => one.Kind));
        Assert.Equal([ReceivedKind.TooBig], Parse(bytes[..14]).Select(one => one.Kind));
    }

    [Fact]
    public void Fragments_that_together_are_over_the_limit_are_too_big()
    {
        byte[] bytes = [.. Frame(Text, new byte[600], isLast: false), .. Frame(0, new byte[600])];
        Assert.Equal([ReceivedKind.TooBig], Parse(bytes).Select(one => one.Kind));
    }

    [Fact]
    public void Who_is_deaf_hears_the_close_and_no_message()
    {
        var parser = new FrameParser(MaxMessage) { IsDeaf = true };
        byte[] bytes = [.. Frame(Text, new byte[5_000]), .. Frame(Binary, [1]), .. Frame(Close, [3, 232])];
        Assert.Equal([ReceivedKind.Close], Parse(parser, bytes, new Random(1)).Select(one => one.Kind));
    }

    [Theory]
    [InlineData("81 01 61", "a frame without a mask")]
    [InlineData("C1 81 00 00 00 00 61", "a reserved bit")]
    [InlineData("09 80 00 00 00 00", "a ping in fragments")]
    [InlineData("89 FE 00 7E 00 00 00 00", "a ping of 126 bytes")]
    [InlineData("80 80 00 00 00 00", "a continuation of nothing")]
    [InlineData("01 80 00 00 00 00 81 80 00 00 00 00", "a message within a message")]
    [InlineData("83 80 00 00 00 00", "an opcode that is none")]
    [InlineData("81 FF FF FF FF FF FF FF FF FF 00 00 00 00", "a length of 64 bits and a sign")]
    public void What_is_no_frame_is_a_violation(string hex, string what)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(Parse(bytes).Any(one => one.Kind == ReceivedKind.Violation), what);
    }

    private static void RunHistory(Random random)
    {
        var (bytes, expected) = (new List<byte>(), new List<(ReceivedKind Kind, string Payload)>());
        for (var message = 0; message < 8; message++)
        {
            var text = new string((char)('a' + random.Next(26)), random.Next(4) == 0 ? random.Next(MaxMessage) : random.Next(200));
            var (at, isFirst, isOpen) = (0, true, true);
            while (isOpen)
            {
                if (random.Next(4) == 0)
                {
                    var control = random.Next(2) == 0 ? Ping : Pong;
                    bytes.AddRange(Frame(control, "hi"u8, random: random));
                    expected.Add((control == Ping ? ReceivedKind.Ping : ReceivedKind.Pong, "hi"));
                }

                var next = random.Next(3) == 0 ? random.Next(at, text.Length + 1) : text.Length;
                bytes.AddRange(Frame(isFirst ? Text : (byte)0, Encoding.ASCII.GetBytes(text[at..next]), isLast: next == text.Length, random: random));
                (at, isFirst, isOpen) = (next, false, next != text.Length);
            }

            expected.Add((ReceivedKind.Text, text));
        }

        Assert.Equal(expected, Parse(new FrameParser(MaxMessage), [.. bytes], random).Select(one => (one.Kind, Encoding.ASCII.GetString(one.Payload))));
    }

    private static List<(ReceivedKind Kind, byte[] Payload)> Parse(byte[] bytes) => Parse(new FrameParser(MaxMessage), bytes, new Random(1));

    /// <summary>Gives the bytes to the parser in pieces of random length.</summary>
    private static List<(ReceivedKind Kind, byte[] Payload)> Parse(FrameParser parser, byte[] bytes, Random random)
    {
        var (found, waiting, at) = (new List<(ReceivedKind, byte[])>(), new List<byte>(), 0);
        while (at < bytes.Length)
        {
            var count = Math.Min(bytes.Length - at, random.Next(1, 50));
            waiting.AddRange(bytes.AsSpan(at, count));
            at += count;
            var buffer = waiting.ToArray();
            var done = 0;
            while (true)
            {
                var kind = parser.Next(buffer.AsSpan(done), out var consumed, out var payload);
                done += consumed;
                if (kind == ReceivedKind.NeedMore)
                    break;
                found.Add((kind, payload.ToArray()));
                if (kind == ReceivedKind.Violation)
                    return found;
            }

            // Unmasked bytes of what was not consumed must not be seen twice: the parser leaves those alone.
            waiting = [.. waiting.Skip(done)];
        }

        return found;
    }

    private static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool isLast = true, Random? random = null)
    {
        var mask = new byte[4];
        (random ?? new Random(1)).NextBytes(mask);
        var frame = new List<byte> { (byte)(opcode | (isLast ? 0x80 : 0)) };
        Span<byte> length = stackalloc byte[8];
        if (payload.Length <= 125)
        {
            frame.Add((byte)(0x80 | payload.Length));
        }
        else
        {
            frame.Add(0x80 | 126);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
            frame.AddRange(length[..2]);
        }

        frame.AddRange(mask);
        for (var i = 0; i < payload.Length; i++)
            frame.Add((byte)(payload[i] ^ mask[i % 4]));
        return [.. frame];
    }
}
