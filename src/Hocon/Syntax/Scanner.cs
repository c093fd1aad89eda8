using System.Globalization;
using System.Text;

namespace Actors.Hocon;

/// <summary>Walks a text by characters and tokens and knows line and column.</summary>
internal sealed class Scanner(SourceText source)
{
    private const string NotInUnquoted = "$\"{}[]:=,+#`^?!@*&\\";
    private readonly string _text = source.Text;
    private int _at = source.Text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;
    private int _lineStart;

    public bool AtEnd => _at >= _text.Length;
    public char Current => _at < _text.Length ? _text[_at] : '\0';
    public char Next => _at + 1 < _text.Length ? _text[_at + 1] : '\0';
    public HoconPosition Position => new(source, _line, _at - _lineStart + 1);
    public bool AtComment => !AtEnd && (Current == '#' || (Current == '/' && Next == '/'));
    public bool AtUnquoted => !AtEnd && IsUnquoted(_at);
    public bool AtBlank => !AtEnd && IsBlank(Current);

    public void Advance()
    {
        if (_text[_at++] != '\n') return;
        _line++;
        _lineStart = _at;
    }

    public HoconException Error(string reason, string path = "") => new(Position, path, reason);
    public HoconException Error(HoconPosition position, string reason) => new(position, "", reason);

    /// <summary>What stands here, for an error message.</summary>
    public string Found => AtEnd ? "the end of the file" : Current == '\n' ? "the end of the line" : $"'{(char.IsControl(Current) ? HoconPrinter.Escape(Current) : Current)}'";

    public bool TryTake(char c)
    {
        if (AtEnd || Current != c) return false;
        Advance();
        return true;
    }

    /// <summary>Passes blanks on this line and returns them.</summary>
    public string TakeBlanks()
    {
        var start = _at;
        while (AtBlank) _at++;
        return start == _at ? "" : _text[start.._at];
    }

    /// <summary>Passes blanks, comments and newlines; true if there was a newline.</summary>
    public bool SkipToNext()
    {
        var newline = false;
        while (!AtEnd)
        {
            if (Current == '\n') newline = true;
            else if (AtComment) { SkipComment(); continue; }
            else if (!IsBlank(Current)) break;
            Advance();
        }
        return newline;
    }

    /// <summary>Whether the word stands here as a whole unquoted token.</summary>
    public bool AtWord(string word) =>
        string.CompareOrdinal(_text, _at, word, 0, word.Length) == 0 && !(_at + word.Length < _text.Length && IsUnquoted(_at + word.Length));

    /// <summary>Passes the text if it stands here.</summary>
    public bool TryTake(string word)
    {
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0) return false;
        _at += word.Length;
        return true;
    }

    /// <summary>A number, or a run of unquoted text; <c>+</c> is allowed in a number's exponent only.</summary>
    public (string Text, bool Number) TakeUnquoted()
    {
        var start = _at;
        if (char.IsAsciiDigit(Current) || Current == '-')
        {
            var plus = TakeNumberCharacters();
            var run = _text[start.._at];
            var number = HoconNumber.IsJson(run);
            if (!number && plus >= 0 && !double.TryParse(run, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                _at = plus;
                throw Error("'+' is reserved; put the text in quotes");
            }
            return (run, number);
        }
        while (_at < _text.Length && IsUnquoted(_at)) _at++;
        return (_text[start.._at], false);
    }

    /// <summary>A string in quotes or triple quotes, its escapes replaced.</summary>
    public string TakeQuoted()
    {
        var start = Position;
        if (string.CompareOrdinal(_text, _at, "\"\"\"", 0, 3) == 0) return TakeTripleQuoted(start);
        Advance();
        var value = new StringBuilder();
        while (true)
        {
            if (AtEnd) throw Error(start, "the string is not closed");
            var c = Current;
            if (c == '"') break;
            if (c < ' ') throw Error(c == '\n' ? "the string is not closed on its line; a newline is written \\n, or in triple quotes" : $"a control character in a string is written {HoconPrinter.Escape(c)}");
            if (c == '\\') value.Append(TakeEscape());
            else
            {
                value.Append(c);
                Advance();
            }
        }
        Advance();
        return value.ToString();
    }

    private string TakeTripleQuoted(HoconPosition start)
    {
        _at += 3;
        var from = _at;
        var quotes = 0;
        while (quotes < 3 || (!AtEnd && Current == '"'))
        {
            if (AtEnd) throw Error(start, "the string in triple quotes is not closed");
            quotes = Current == '"' ? quotes + 1 : 0;
            Advance();
        }
        return _text[from..(_at - 3)];
    }

    private char TakeEscape()
    {
        Advance();
        var c = Current;
        if (AtEnd) throw Error("the string is not closed");
        if (c == 'u') return TakeUnicodeEscape();
        var value = c switch
        {
            '"' or '\\' or '/' => c,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw Error($"{Found} after a backslash means nothing; a backslash is written \\\\"),
        };
        Advance();
        return value;
    }

    private char TakeUnicodeEscape()
    {
        if (_at + 5 > _text.Length || !ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw Error("\\u takes four hexadecimal digits");
        _at += 5;
        return (char)code;
    }

    private int TakeNumberCharacters()
    {
        var plus = -1;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '+')
            {
                // Elsewhere a plus begins "+=".
                if (_text[_at - 1] is not ('e' or 'E')) break;
                plus = _at;
            }
            else if (!char.IsAsciiDigit(c) && c is not ('e' or 'E' or '-' or '.')) break;
            _at++;
        }
        return plus;
    }

    private void SkipComment()
    {
        var end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    private bool IsUnquoted(int at)
    {
        var c = _text[at];
        return c != '\n' && !IsBlank(c) && !NotInUnquoted.Contains(c) && !(c == '/' && at + 1 < _text.Length && _text[at + 1] == '/');
    }

    /// <summary>The specification's whitespace, newline apart: Unicode's separators, the byte order mark, and ASCII's.</summary>
    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\v' or '\f' or '\uFEFF' or (>= '\x1C' and <= '\x1F')
        || (c > '\x7F' && char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
