namespace VZaps.LoadTest;

/// <summary>The command line asks for something that there is not; the message says what there is.</summary>
internal sealed class MisuseException(string message) : Exception(message);
