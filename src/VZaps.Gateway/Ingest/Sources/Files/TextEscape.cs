namespace VZaps.Gateway.Ingest.Sources;

/// <summary>An escape in a JSON text that comes in byte by byte: what follows a backslash.</summary>
internal struct TextEscape
{
    private const int Digits = 4;

    // -1 before the letter; behind a u, how many digits have been read, and what they make.
    private int _digits, _code;

    /// <summary>Whether one has begun and not ended.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A backslash was read.</summary>
    public void Begin() => (IsOpen, _digits, _code) = (true, -1, 0);

    /// <summary>Takes its next byte; when it is no longer open, what it stands for: -1 for what no escape stands for.</summary>
    public int Take(byte next)
    {
        if (_digits < 0)
        {
            (IsOpen, _digits) = (next == 'u', 0);
            return next switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'"' or (byte)'\\' or (byte)'/' => next,
                _ => -1,
            };
        }

        if (!char.IsAsciiHexDigit((char)next))
        {
            IsOpen = false;
            return -1;
        }

        _code = (_code << 4) + (next & 0xf) + (next > '9' ? 9 : 0);
        IsOpen = ++_digits < Digits;
        return _code;
    }
}
