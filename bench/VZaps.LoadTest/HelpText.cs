namespace VZaps.LoadTest;

/// <summary>What the program takes.</summary>
internal static class HelpText
{
    public const int Misused = 2;

    private const string Text = """
        Measures the gateway against others, each as a process of its own, on loopback and in a temporary folder.

          dotnet run -c Release --project bench/VZaps.LoadTest -- all|NAME[,NAME] [--option value ...]

        single    64 publishers, one event a request, one subscriber that acks each       --publishers --events
        batch     16 publishers of NDJSON, 100 events a request                           --publishers --events
        latency   2,000 events a second for 15 s in an open loop, publish to receipt      --rate --seconds
        fanout    500 subscribers of one instance, 200 events of 8 publishers             --subscribers --publishers --events
        many      500 instances with one subscriber each, 20,000 events over them         --instances --publishers --events
        idle      5,000 connections over 500 instances: memory of each, CPU               --connections --instances --seconds
        replay    200,000 stored events to a reader that has read none, acked             --events
        mixed     one instance replays while another runs latency                         --rate --seconds --events

        --against gateway,bare,nats
                                 which systems, in turn: gateway, bare, nats, nats-sync, or NAME=PATH of another VZaps.Gateway.dll
        --runs 3                 how often
        --json FILE              the same as JSON, with every run
        --extension              the gateway's subscribers ask for batch frames and ack what they read at once
        --set Section:Name=V     a setting of the gateway; may be repeated
        --folder PATH            where the systems store; the temporary folder

        And three that look at the gateway alone:
        catchup   a consumer that has read nothing reads --events (1000000) of 1.1 KB from the log; plain and extension
        stalled   --megabytes (200) are published past a reader that takes nothing; its memory, and another reader's latency
        webhooks  --deliveries (20000) at --rate (200) a second to 100 endpoints, of which 10 hang, 10 fail and 10 answer 429; a kill in the middle
        """;

    public static int Show()
    {
        Console.Error.WriteLine(Text);
        return Misused;
    }
}
