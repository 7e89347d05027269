using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Faults;

/// <summary>
/// The SDK over a line on which something goes wrong. After each fault: every accepted event was handled at least once and
/// first in log order, and the history has each exactly once.
/// </summary>
public sealed class FaultTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private static readonly Random Chance = new(4);

    [Theory]
    [InlineData(LineEnd.Reset)]
    [InlineData(LineEnd.Fin)]
    internal async Task Cuts_in_the_middle_of_frames(LineEnd how)
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process);
        for (var i = 0; i < 20; i++)
        {
            // Past the handshake and a few events, at any byte of one.
            scenario.Proxy.SetNext(new LineFaults { CutAfterBytesToClient = 2_000 + Chance.Next(4_000), How = how });
            var again = scenario.ConnectsAgainAsync();
            scenario.Proxy.CutAll(how);
            await again;
            await scenario.HandlesMoreAsync();
        }

        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Fact]
    public async Task A_stall_that_ends()
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process);
        await scenario.HandlesMoreAsync();
        scenario.Proxy.Set(new LineFaults { Stalled = true });
        await scenario.AcceptsMoreAsync();
        scenario.Proxy.Set(LineFaults.None);
        await scenario.HandlesMoreAsync();
        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Fact]
    public async Task A_stall_of_all_lines_that_the_client_notices_and_tries_to_get_around()
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process);
        await scenario.HandlesMoreAsync();
        var again = scenario.ConnectsAgainAsync();
        scenario.Proxy.Set(new LineFaults { Stalled = true });
        await again; // by its own pings; the new connection hears nothing either
        scenario.Proxy.Set(LineFaults.None);
        await scenario.HandlesMoreAsync();
        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_line_that_is_dead_in_one_direction(bool toClient, bool toServer)
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process);
        await scenario.HandlesMoreAsync();
        var again = scenario.ConnectsAgainAsync();
        scenario.Proxy.SetOpen(new LineFaults { DeafClient = toClient, DeafServer = toServer });
        await again;
        await scenario.HandlesMoreAsync();
        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Fact]
    public async Task Byte_by_byte()
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process, publishers: 1);
        scenario.Proxy.Set(new LineFaults { ByteByByte = true });
        await scenario.HandlesMoreAsync();
        var again = scenario.ConnectsAgainAsync();
        scenario.Proxy.CutAll(LineEnd.Reset);
        await again; // the handshake, too
        await scenario.HandlesMoreAsync();
        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Theory]
    [InlineData(true, LineEnd.Reset)]
    [InlineData(true, LineEnd.Fin)]
    [InlineData(false, LineEnd.Reset)]
    internal async Task A_cut_after_any_number_of_bytes(bool toClient, LineEnd how)
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process, publishers: 1);
        for (var bytes = 1; bytes < 700; bytes += 23)
        {
            scenario.Proxy.SetNext(toClient
                ? new LineFaults { CutAfterBytesToClient = bytes, How = how }
                : new LineFaults { CutAfterBytesToServer = bytes, How = how });
            var again = scenario.ConnectsAgainAsync(times: 2);
            scenario.Proxy.CutAll(how);
            await again;
            await scenario.HandlesMoreAsync(1);
        }

        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Fact]
    public async Task Delay()
    {
        await using var scenario = await FaultScenario.StartAsync(gateway.Process);
        scenario.Proxy.Set(new LineFaults { Delay = TimeSpan.FromMilliseconds(150) });
        await scenario.HandlesMoreAsync(200);
        var again = scenario.ConnectsAgainAsync();
        scenario.Proxy.CutAll(LineEnd.Reset);
        await again;
        await scenario.HandlesMoreAsync(200);
        Assert.Equal(0, await scenario.SettleAsync());
    }

    [Fact]
    public async Task A_gateway_that_is_killed_and_started_again_while_the_line_is_cut()
    {
        await using var killed = new GatewayProcess();
        await killed.StartAsync();
        await using var scenario = await FaultScenario.StartAsync(killed, publishers: 4);
        for (var i = 0; i < 2; i++)
        {
            await scenario.HandlesMoreAsync();
            scenario.Proxy.Set(new LineFaults { Stalled = true });
            await scenario.AcceptsMoreAsync();
            scenario.Proxy.CutAll(LineEnd.Reset);
            await killed.KillAsync();
            await killed.StartAsync();
            scenario.Proxy.Set(LineFaults.None);
        }

        await scenario.HandlesMoreAsync();
        await scenario.SettleAsync();
    }
}
