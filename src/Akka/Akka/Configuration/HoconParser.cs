using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>
/// Reads resolved, plain HOCON: objects, dotted and quoted keys, lists, comments, strings, numbers.
/// Includes, substitutions and <c>+=</c> are refused, because the text handed over is expected to be resolved already.
/// </summary>
internal sealed class HoconParser
{
    private const int MaxDepth = 200;
    private readonly string _text;
    private int _at;
    private int _depth;

    private HoconParser(string text) => _text = text;

    internal static HoconValue Parse(string text)
    {
        var parser = new HoconParser(text);
        parser.SkipSeparators();
        HoconValue root;
        if (parser.Peek() == '{') root = parser.ReadObject();
        else root = HoconValue.Of(parser.ReadMembers(toBrace: false));
        parser.SkipSeparators();
        if (parser._at < text.Length) throw parser.Error($"unexpected '{parser.Peek()}' after the end of the configuration");
        return root;
    }

    private char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private bool AtEnd => _at >= _text.Length;

    private ConfigurationException Error(string reason)
    {
        var line = 1;
        var column = 1;
        for (var i = 0; i < _at && i < _text.Length; i++)
        {
            if (_text[i] == '\n') { line++; column = 1; }
            else column++;
        }
        return new ConfigurationException($"HOCON, line {line}, column {column}: {reason}");
    }

    private bool AtComment => Peek() == '#' || (Peek() == '/' && Peek(1) == '/');

    private void SkipComment()
    {
        while (!AtEnd && Peek() != '\n') _at++;
    }

    private void SkipSpaces()
    {
        while (!AtEnd && Peek() != '\n' && (char.IsWhiteSpace(Peek()) || Peek() == '\uFEFF')) _at++;
    }

    private void SkipWhitespaceAndComments()
    {
        while (!AtEnd)
        {
            if (char.IsWhiteSpace(Peek()) || Peek() == '\uFEFF') _at++;
            else if (AtComment) SkipComment();
            else return;
        }
    }

    private void SkipSeparators()
    {
        while (true)
        {
            SkipWhitespaceAndComments();
            if (Peek() != ',') return;
            _at++;
        }
    }

    private HoconValue ReadObject()
    {
        if (++_depth > MaxDepth) throw Error("nested too deeply");
        _at++;
        var members = ReadMembers(toBrace: true);
        if (Peek() != '}') throw Error("'}' expected");
        _at++;
        _depth--;
        return HoconValue.Of(members);
    }

    private HoconObject ReadMembers(bool toBrace)
    {
        var result = new HoconObject();
        while (true)
        {
            SkipSeparators();
            if (AtEnd)
            {
                if (toBrace) throw Error("end of text inside an object");
                return result;
            }
            if (Peek() == '}')
            {
                if (toBrace) return result;
                throw Error("unexpected '}'");
            }
            ReadMember(result);
        }
    }

    private void ReadMember(HoconObject target)
    {
        var path = ReadKey();
        SkipWhitespaceAndComments();
        HoconValue value;
        switch (Peek())
        {
            case '{': value = ReadValue(); break;
            case '+' when Peek(1) == '=': throw Error("+= is not supported: resolve the configuration first");
            case ':' or '=':
                _at++;
                SkipWhitespaceAndComments();
                value = ReadValue();
                break;
            default: throw Error($"'=', ':' or '{{' expected after key '{string.Join('.', path)}'");
        }
        for (var i = path.Count - 1; i > 0; i--)
        {
            var wrapper = new HoconObject();
            wrapper.Items[path[i]] = value;
            value = HoconValue.Of(wrapper);
        }
        target.Put(path[0], value);
    }

    private List<string> ReadKey()
    {
        var start = _at;
        var path = new List<string>();
        var quotedSeen = false;
        while (true)
        {
            var part = new StringBuilder();
            var quotedPart = false;
            while (!AtEnd)
            {
                var c = Peek();
                if (c == '"') { part.Append(ReadQuoted()); quotedPart = true; continue; }
                if (c is '.' or '=' or ':' or '{' or '\n' or '+' || AtComment) break;
                if (c is '}' or '[' or ']' or ',' or '$' or '^' or '?' or '!' or '@' or '*' or '&' or '\\' or '`') throw Error($"'{c}' is not allowed in a key");
                part.Append(c);
                _at++;
            }
            var name = quotedPart ? part.ToString().TrimEnd() : part.ToString().Trim();
            if (name.Length == 0 && !quotedPart) throw Error("a key is expected");
            quotedSeen |= quotedPart;
            path.Add(name);
            if (Peek() != '.') break;
            _at++;
        }
        if (IsInclude(_text.AsSpan(start, _at - start), quotedSeen, path)) throw Error("include is not supported: resolve the configuration first");
        return path;
    }

    // `include "file"` reads like a key that starts with the word and goes on with a quoted or bracketed name.
    private static bool IsInclude(ReadOnlySpan<char> raw, bool quoted, List<string> path) =>
        raw.StartsWith("include") && raw.Length > 7 && char.IsWhiteSpace(raw[7])
        && (quoted || path[0].AsSpan()[7..].TrimStart() is var rest && (rest.StartsWith("file(") || rest.StartsWith("url(") || rest.StartsWith("classpath(") || rest.StartsWith("required(")));

    private HoconValue ReadValue()
    {
        var parts = new List<HoconValue>();
        var text = new StringBuilder();
        var quoted = false;
        var pendingSpace = "";
        while (true)
        {
            var before = _at;
            SkipSpaces();
            if (text.Length > 0 || quoted) pendingSpace = _text[before.._at];
            var c = Peek();
            if (AtEnd || c is '\n' or ',' or '}' or ']' || AtComment) break;
            switch (c)
            {
                case '{': parts.Add(ReadObject()); break;
                case '[': parts.Add(ReadList()); break;
                case '$' when Peek(1) == '{': throw Error("substitutions are not supported: resolve the configuration first");
                case '"':
                    text.Append(pendingSpace).Append(ReadQuoted());
                    quoted = true;
                    break;
                case '=' or ':' or '^' or '?' or '!' or '`' or '*' or '&' or '\\': throw Error($"'{c}' must be quoted in a value");
                default: text.Append(pendingSpace).Append(ReadUnquoted()); break;
            }
            pendingSpace = "";
        }
        if (parts.Count > 0)
        {
            if (text.Length > 0 || quoted) throw Error("an object or a list cannot be joined to a string");
            return Concatenate(parts);
        }
        if (text.Length == 0 && !quoted) throw Error("a value is expected");
        var literal = text.ToString();
        return !quoted && literal == "null" ? HoconValue.Null : HoconValue.Of(literal, quoted);
    }

    private HoconValue Concatenate(List<HoconValue> parts)
    {
        var result = parts[0];
        foreach (var part in parts.Skip(1))
        {
            if (result.IsArray() && part.IsArray()) result = HoconValue.Of(result.GetArray().Concat(part.GetArray()).ToList());
            else if (result.IsObject() && part.IsObject()) result = HoconValue.Merge(part, result);
            else throw Error("an object and a list cannot be joined");
        }
        return result;
    }

    private HoconValue ReadList()
    {
        if (++_depth > MaxDepth) throw Error("nested too deeply");
        _at++;
        var items = new List<HoconValue>();
        while (true)
        {
            SkipWhitespaceAndComments();
            if (AtEnd) throw Error("end of text inside a list");
            if (Peek() == ']') break;
            items.Add(ReadValue());
            SkipWhitespaceAndComments();
            if (Peek() == ',') _at++;
        }
        _at++;
        _depth--;
        return HoconValue.Of(items);
    }

    private string ReadUnquoted()
    {
        var start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Peek()) && !AtComment
            && Peek() is not (',' or '}' or ']' or '{' or '[' or '"' or '$' or '=' or ':' or '^' or '?' or '!' or '`' or '*' or '&' or '\\')) _at++;
        // A colon or an equals sign inside a word (host:port, a=b) needs quotes by the specification; real readers refuse it too.
        if (_at == start) throw Error($"unexpected '{Peek()}'");
        return _text[start.._at];
    }

    private string ReadQuoted()
    {
        if (Peek(1) == '"' && Peek(2) == '"') return ReadTripleQuoted();
        _at++;
        var result = new StringBuilder();
        while (true)
        {
            if (AtEnd || Peek() == '\n') throw Error("a string is not closed");
            var c = Peek();
            _at++;
            if (c == '"') return result.ToString();
            result.Append(c == '\\' ? ReadEscape() : c);
        }
    }

    private char ReadEscape()
    {
        var c = Peek();
        _at++;
        switch (c)
        {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case 'b': return '\b';
            case 'f': return '\f';
            case '"' or '\\' or '/': return c;
            case 'u' when _at + 4 <= _text.Length && ushort.TryParse(_text.AsSpan(_at, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code):
                _at += 4;
                return (char)code;
            default: throw Error($"unknown escape '\\{c}'");
        }
    }

    private string ReadTripleQuoted()
    {
        _at += 3;
        var end = _text.IndexOf("\"\"\"", _at, StringComparison.Ordinal);
        if (end < 0) throw Error("a triple-quoted string is not closed");
        while (end + 3 < _text.Length && _text[end + 3] == '"') end++;
        var result = _text[_at..end];
        _at = end + 3;
        return result;
    }
}
