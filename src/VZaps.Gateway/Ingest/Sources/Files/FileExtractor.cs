using System.Buffers;
using System.Buffers.Text;
using System.Text;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>
/// Takes the file out of a JSON object while it comes in: the text of its member <c>base64</c> goes decoded to the disk, a piece at a time, and a
/// <see cref="FileReference"/> stands in its place; of a second one, nothing. All else passes through. One writer.
/// </summary>
/// <remarks>It follows no more of JSON than it has to: strings, escapes, and how deep it is. What is no JSON passes through, too, and is refused by who reads it.</remarks>
internal sealed class FileExtractor(IncomingFiles files, int maxJsonBytes) : IDisposable
{
    private const int MaxName = 16, Quantum = 16 * 1024;

    /// <summary>What stands in place of a text that was no base64.</summary>
    private const string NoFile = "invalid";

    public static ReadOnlySpan<byte> FileMember => "base64"u8;

    private readonly ArrayBufferWriter<byte> _json = new(4096);
    private readonly byte[] _name = new byte[MaxName];
    private readonly byte[] _encoded = new byte[Quantum];
    private readonly byte[] _decoded = new byte[Quantum];

    // Where in the JSON it is.
    private int _depth, _nameLength;
    private bool _inText, _escaped, _expectsName = true, _isFileMember;

    // The file that is being read, or that was read: a body has one, and what says that it has more makes nobody open them.
    private bool _isReading;
    private IncomingFile? _file;
    private TextEscape _escape;
    private int _encodedLength;
    private bool _isBroken;

    /// <summary>The JSON without the file, when all has been written.</summary>
    public ReadOnlyMemory<byte> Json => _json.WrittenMemory;

    /// <summary>What was taken out, when all has been written; null for none.</summary>
    public FileReference? File { get; private set; }

    /// <summary>Whether something stood in the place of the file that was no base64.</summary>
    public bool HasNoFile { get; private set; }

    /// <summary>Whether what is left beside the file is more than is taken; nothing more is kept then.</summary>
    public bool IsTooLarge => _json.WrittenCount > maxJsonBytes;

    public void Write(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty && !IsTooLarge)
            utf8 = utf8[(_isReading ? Decode(utf8) : PassOn(utf8))..];
    }

    /// <summary>Keeps the file that was taken out: the body is genuine.</summary>
    public Task KeepFileAsync() => File is null ? Task.CompletedTask : _file!.KeepAsync();

    public void Dispose() => _file?.Dispose();

    /// <summary>Passes on up to and with the quote with which a file begins; how much was taken.</summary>
    private int PassOn(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length; i++)
        {
            if (_inText)
                InText(utf8[i]);
            else if (Between(utf8[i]))
            {
                _json.Write(utf8[..(i + 1)]);
                (_isReading, _encodedLength, _isBroken) = (true, 0, _file is not null);
                _file ??= files.Begin();
                return i + 1;
            }
        }

        _json.Write(utf8);
        return utf8.Length;
    }

    private void InText(byte next)
    {
        if (_escaped)
            _escaped = false;
        else if (next == '\\')
            _escaped = true;
        else if (next == '"')
        {
            _inText = false;
            if (_depth == 1 && _expectsName)
                _isFileMember = _nameLength == FileMember.Length && _name.AsSpan(0, _nameLength).SequenceEqual(FileMember);
            return;
        }

        if (_depth == 1 && _expectsName && _nameLength < MaxName)
            _name[_nameLength++] = next;
    }

    /// <summary>Moves on outside of a text; whether a file begins.</summary>
    private bool Between(byte next)
    {
        switch (next)
        {
            case (byte)'"' when _depth == 1 && !_expectsName && _isFileMember:
                return true;
            case (byte)'"':
                (_inText, _escaped, _nameLength) = (true, false, 0);
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                _depth--;
                break;
            case (byte)':' when _depth == 1:
                _expectsName = false;
                break;
            case (byte)',' when _depth == 1:
                (_expectsName, _isFileMember) = (true, false);
                break;
        }

        return false;
    }

    /// <summary>Decodes up to and with the quote with which the file ends; how much was taken.</summary>
    private int Decode(ReadOnlySpan<byte> utf8)
    {
        var taken = 0;
        while (taken < utf8.Length)
        {
            if (_escape.IsOpen)
            {
                Escaped(utf8[taken++]);
                continue;
            }

            var rest = utf8[taken..];
            var plain = rest.IndexOfAny((byte)'"', (byte)'\\');
            Gather(plain < 0 ? rest : rest[..plain]);
            if (plain < 0)
                break;
            taken += plain + 1;
            if (rest[plain] == '"')
            {
                End();
                return taken;
            }

            _escape.Begin();
        }

        return utf8.Length;
    }

    /// <summary>Goes on with an escape. Some writers escape the slash, break lines, or write what is not safe in a page by its number.</summary>
    private void Escaped(byte next)
    {
        var character = _escape.Take(next);
        if (_escape.IsOpen || character is '\n' or '\r')
            return;
        if (character is >= 0 and < 0x80)
            Gather([(byte)character]);
        else
            _isBroken = true; // no base64
    }

    private void Gather(ReadOnlySpan<byte> encoded)
    {
        while (!encoded.IsEmpty)
        {
            // Not when it is full but when there is more: of the last of it, padding is a part.
            if (_encodedLength == Quantum)
                DecodeGathered(isLast: false);
            var part = encoded[..Math.Min(encoded.Length, Quantum - _encodedLength)];
            part.CopyTo(_encoded.AsSpan(_encodedLength));
            _encodedLength += part.Length;
            encoded = encoded[part.Length..];
        }
    }

    private void DecodeGathered(bool isLast)
    {
        if (!_isBroken)
        {
            // Some leave out the padding.
            while (isLast && _encodedLength % 4 != 0 && _encodedLength < Quantum)
                _encoded[_encodedLength++] = (byte)'=';
            var status = Base64.DecodeFromUtf8(_encoded.AsSpan(0, _encodedLength), _decoded, out _, out var written, isFinalBlock: isLast);
            _isBroken = status != OperationStatus.Done;
            if (!_isBroken)
                _file!.Write(_decoded.AsSpan(0, written));
        }

        _encodedLength = 0;
    }

    private void End()
    {
        DecodeGathered(isLast: true);
        var hasFile = !_isBroken && _file!.Bytes > 0;
        if (hasFile)
            File = _file!.Finish();
        HasNoFile |= _isBroken;
        _json.Write(Encoding.ASCII.GetBytes((hasFile ? File.ToString() : NoFile) + '"'));
        _isReading = false;
    }
}
