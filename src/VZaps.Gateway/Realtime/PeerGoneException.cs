namespace VZaps.Gateway.Realtime;

/// <summary>The other end of a connection is gone: said where its bytes are, so that no failure of a disk is taken for one.</summary>
internal sealed class PeerGoneException(string message, Exception? innerException = null) : Exception(message, innerException);
