namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>What a body of wuzapi does not say of itself.</summary>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="UserId">Wuzapi's user, where the form has it and the body has not.</param>
/// <param name="IsConnected">Whether the instance is connected.</param>
/// <param name="OwnAddress">The account's own address; null while it is not known.</param>
/// <param name="Identities">Who is known, and becomes it; nobody where it is left out.</param>
internal readonly record struct WuzContext(DateTimeOffset ReceivedAt, string? UserId, bool IsConnected, string? OwnAddress, BodyIdentities? Identities = null);
