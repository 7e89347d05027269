using System.Text;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Takes a form (<c>application/x-www-form-urlencoded</c>) apart while it comes in: the event goes decoded into the extractor, wuzapi's user is kept, and
/// all else, a token of old versions among it, is let go of. One writer.</summary>
internal sealed class FormFields(FileExtractor json)
{
    private const int MaxShort = 256, Chunk = 8 * 1024;

    private static ReadOnlySpan<byte> EventField => "jsonData"u8;

    private static ReadOnlySpan<byte> UserField => "userID"u8;

    private readonly byte[] _name = new byte[MaxShort];
    private readonly byte[] _user = new byte[MaxShort];
    private readonly byte[] _chunk = new byte[Chunk];
    private int _nameLength, _userLength, _chunkLength;
    private bool _inValue;
    private Field _field;

    // An escape that is not whole: how many of its digits were read, and what they make.
    private int _digits = -1, _code;

    private enum Field
    {
        Other,
        Event,
        User,
    }

    /// <summary>Wuzapi's user; null where the form has none.</summary>
    public string? UserId => _userLength == 0 ? null : Encoding.UTF8.GetString(_user, 0, _userLength);

    public void Write(ReadOnlySpan<byte> encoded)
    {
        foreach (var next in encoded)
        {
            if (_digits >= 0)
                Digit(next);
            else if (next == '&')
                EndField();
            else if (next == '=' && !_inValue)
                BeginValue();
            else if (next == '%')
                (_digits, _code) = (0, 0);
            else
                Put(next == '+' ? (byte)' ' : next);
        }

        Flush();
    }

    private void Digit(byte digit)
    {
        _code = (_code << 4) + HexOf(digit);
        if (++_digits < 2)
            return;
        _digits = -1;
        Put((byte)_code);
    }

    // What is no digit makes some other byte; the signature, or the JSON, will not be right then.
    private static int HexOf(byte digit) => char.IsAsciiHexDigit((char)digit) ? (digit & 0xf) + (digit > '9' ? 9 : 0) : 0;

    private void BeginValue()
    {
        var name = _name.AsSpan(0, _nameLength);
        _inValue = true;
        _field = name.SequenceEqual(EventField) ? Field.Event : name.SequenceEqual(UserField) ? Field.User : Field.Other;
    }

    private void EndField()
    {
        Flush();
        (_inValue, _nameLength, _field) = (false, 0, Field.Other);
    }

    private void Put(byte next)
    {
        if (!_inValue)
        {
            if (_nameLength < MaxShort)
                _name[_nameLength++] = next;
        }
        else if (_field == Field.Event)
        {
            _chunk[_chunkLength++] = next;
            if (_chunkLength == Chunk)
                Flush();
        }
        else if (_field == Field.User && _userLength < MaxShort)
            _user[_userLength++] = next;
    }

    private void Flush()
    {
        json.Write(_chunk.AsSpan(0, _chunkLength));
        _chunkLength = 0;
    }
}
