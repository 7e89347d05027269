using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Realtime;

namespace VZaps.Gateway.Tests.Realtime;

/// <summary>Connections without a socket.</summary>
internal static class Connections
{
    public static ReaderInfo InfoOf(InstanceId instance, bool isExtended = false)
    {
        var account = new Account("vzc_1", "an account", 1, DateTimeOffset.UnixEpoch);
        var access = new RealtimeAccess(account, new Instance { Id = instance, Owner = account.ClientToken, Name = "an instance", TokenHash = [] }, ByAccessToken: false);
        return new ReaderInfo("1", access, "default", EventTypeSet.All, "127.0.0.1", "test", DateTimeOffset.UnixEpoch, isExtended);
    }

    /// <summary>One that starts at the log's beginning; nothing may be asked of it that needs the rest of the gateway.</summary>
    public static (RealtimeConnection Connection, DeliveryAccount Account) Open(TimeProvider time)
    {
        var instance = InstanceId.New();
        var services = new RealtimeServices(
            log: null!, events: null!, letterStore: null!, letters: null!, attachments: null!, gaps: null!, metrics: null!, connections: null!, new BusyConnections(),
            Options.Create(new DeliveryOptions()), time, NullLogger<RealtimeConnection>.Instance);
        var connection = new RealtimeConnection(InfoOf(instance), services);
        var consumer = new Consumer(new ConsumerKey(instance, ConsumerName.Default), stored: null);
        return (connection, connection.OpenAccount(consumer, consumer.Attach(EventTypeSet.All, cursor: null, logEnd: 0, time.GetUtcNow(), out _)));
    }
}
