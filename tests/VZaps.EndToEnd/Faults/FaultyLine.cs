using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace VZaps.EndToEnd.Faults;

/// <summary>One proxied connection: a pump for each direction, which looks at the faults before each read it passes on.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The cut, with which each run ends, closes both sockets; a source without a timer holds nothing.")]
internal sealed class FaultyLine(Socket client, IPEndPoint target, LineFaults firstFaults)
{
    /// <summary>Of a server: code 1001.</summary>
    private static readonly byte[] CloseFrame = [0x88, 2, 0x03, 0xE9];

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _cut = new();
    private readonly Lock _gate = new();
    private LineFaults _faults = firstFaults;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    public LineFaults Faults
    {
        get
        {
            lock (_gate)
                return _faults;
        }
        set
        {
            TaskCompletionSource changed;
            lock (_gate)
            {
                _faults = value;
                (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            changed.SetResult();
        }
    }

    /// <summary>Runs until both sides have ended, or until the cut.</summary>
    public async Task RunAsync()
    {
        client.NoDelay = true;
        try
        {
            await _server.ConnectAsync(target, _cut.Token);
            await Task.WhenAll(
                PumpAsync(client, _server, faults => faults.DeafServer, faults => faults.CutAfterBytesToServer),
                PumpAsync(_server, client, faults => faults.DeafClient, faults => faults.CutAfterBytesToClient));
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side was reset, or the line was cut; or there is nobody at the other end.
            Cut(LineEnd.Reset);
        }

        Cut(LineEnd.Fin);
    }

    public void Cut(LineEnd how)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
        }

        foreach (var side in (Socket[])[client, _server])
        {
            if (how == LineEnd.Reset)
                side.LingerState = new LingerOption(enable: true, seconds: 0);
            else if (side.Connected)
                TryShutdown(side);
            side.Dispose();
        }

        _cut.Cancel();
    }

    private async Task PumpAsync(Socket from, Socket to, Func<LineFaults, bool> isLost, Func<LineFaults, long?> cutAfter)
    {
        var buffer = new byte[64 * 1024];
        var passed = 0L;
        var isSilent = false;
        while (await from.ReceiveAsync(buffer, _cut.Token) is > 0 and var read)
        {
            var faults = await WaitWhileStalledAsync();
            if (faults.Delay > TimeSpan.Zero)
                await Task.Delay(faults.Delay, _cut.Token);
            isSilent |= isLost(faults);
            if (isSilent)
                continue;
            var limit = cutAfter(faults) - passed;
            var pass = (int)Math.Min(read, limit ?? read);
            await SendAsync(to, buffer.AsMemory(0, pass), faults.ByteByByte ? 1 : pass);
            passed += pass;
            if (pass == limit && faults.ClosesFirst && to == client)
                await SendAsync(to, CloseFrame, CloseFrame.Length);
            if (pass == limit)
                Cut(faults.How);
        }

        isSilent |= isLost(await WaitWhileStalledAsync());
        if (isSilent)
            await Task.Delay(Timeout.Infinite, _cut.Token); // its end is lost, too: the other side hears of nothing
        TryShutdown(to);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, int segment)
    {
        for (var sent = 0; sent < bytes.Length; sent += segment)
            await to.SendAsync(bytes.Slice(sent, Math.Min(segment, bytes.Length - sent)), _cut.Token);
    }

    private async Task<LineFaults> WaitWhileStalledAsync()
    {
        while (true)
        {
            LineFaults faults;
            Task changed;
            lock (_gate)
                (faults, changed) = (_faults, _changed.Task);
            if (!faults.Stalled)
                return faults;
            await changed.WaitAsync(_cut.Token);
        }
    }

    private static void TryShutdown(Socket side)
    {
        try
        {
            side.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
