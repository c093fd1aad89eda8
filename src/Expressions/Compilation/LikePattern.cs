using System.Text;

namespace Actors.Expressions.Compilation;

/// <summary>SQL's LIKE over UTF-8: % is any run of characters, _ any one character, an escape takes the next as it is.</summary>
internal sealed class LikePattern
{
    // A literal byte, or one of the two wild cards.
    private const int AnyRun = -1, AnyOne = -2;

    private readonly int[] _parts;

    public LikePattern(string pattern, char escape)
    {
        var parts = new List<int>();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == escape && i + 1 < pattern.Length) i++;
            else if (pattern[i] == '%' && (parts.Count == 0 || parts[^1] != AnyRun)) { parts.Add(AnyRun); continue; }
            else if (pattern[i] == '%') continue;
            else if (pattern[i] == '_') { parts.Add(AnyOne); continue; }
            var length = char.IsHighSurrogate(pattern[i]) && i + 1 < pattern.Length ? 2 : 1;
            foreach (var b in Encoding.UTF8.GetBytes(pattern.Substring(i, length))) parts.Add(b);
            i += length - 1;
        }
        _parts = [.. parts];
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        int at = 0, part = 0, runPart = -1, runAt = 0;
        while (at < text.Length)
        {
            if (part < _parts.Length && _parts[part] == AnyRun)
            {
                (runPart, runAt) = (part++, at);
            }
            else if (part < _parts.Length && (_parts[part] == AnyOne || _parts[part] == text[at]))
            {
                at += _parts[part] == AnyOne ? CharacterLength(text, at) : 1;
                part++;
            }
            else if (runPart >= 0)
            {
                // The last run takes one character more.
                runAt += CharacterLength(text, runAt);
                (part, at) = (runPart + 1, runAt);
            }
            else
            {
                return false;
            }
        }
        while (part < _parts.Length && _parts[part] == AnyRun) part++;
        return part == _parts.Length;
    }

    private static int CharacterLength(ReadOnlySpan<byte> text, int at)
    {
        var length = 1;
        while (at + length < text.Length && (text[at + length] & 0xC0) == 0x80) length++;
        return length;
    }
}
