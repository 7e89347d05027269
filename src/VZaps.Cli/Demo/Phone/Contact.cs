namespace VZaps.Cli.Demo.Phone;

/// <summary>Somebody with WhatsApp, by the name that they gave themselves.</summary>
/// <param name="Name">Shown as <c>PushName</c>.</param>
/// <param name="Jid">Their address: number and server.</param>
internal sealed record Contact(string Name, string Jid);
