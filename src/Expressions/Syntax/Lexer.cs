using System.Text;

namespace Actors.Expressions.Syntax;

internal static class Lexer
{
    private static readonly string[] Symbols =
        ["<>", "!=", "<=", ">=", "->", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".", "=", "<", ">"];

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) break;
            var token = Next(text, ref at);
            tokens.Add(token);
        }
        tokens.Add(new Token(TokenKind.End, "", text.Length));
        return tokens;
    }

    private static Token Next(string text, ref int at)
    {
        var start = at;
        var c = text[at];
        if (char.IsLetter(c) || c == '_')
        {
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '@' or '$')) at++;
            return new Token(TokenKind.Name, text[start..at], start);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]) && !FollowsOperand(text, at))) return Number(text, ref at);
        if (c == '\'') return new Token(TokenKind.Text, Quoted(text, ref at, '\'', "text"), start);
        if (c is '`' or '"') return new Token(TokenKind.QuotedName, Quoted(text, ref at, c, "name"), start);
        foreach (var symbol in Symbols)
        {
            if (!text.AsSpan(at).StartsWith(symbol)) continue;
            at += symbol.Length;
            if (symbol == "=" && at < text.Length && text[at] == '=') throw new SyntaxException(start, "equality is written = in SQL, not ==");
            return new Token(TokenKind.Symbol, symbol, start);
        }
        throw new SyntaxException(start, c switch
        {
            '&' => "unexpected '&'; write AND",
            '|' => "unexpected '|'; write OR, or CONCAT for texts",
            '!' => "unexpected '!'; write NOT",
            _ => $"unexpected character '{c}'",
        });
    }

    private static bool FollowsOperand(string text, int at) => at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or ']' or ')' or '`' or '"');

    private static Token Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        var whole = true;
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            whole = false;
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            whole = false;
            at++;
            if (at < text.Length && text[at] is '+' or '-') at++;
            if (at == text.Length || !char.IsAsciiDigit(text[at])) throw new SyntaxException(start, "the number's exponent has no digits");
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        }
        if (at < text.Length && (char.IsLetter(text[at]) || text[at] == '_')) throw new SyntaxException(at, $"unexpected '{text[at]}' in a number");
        return new Token(whole ? TokenKind.Integer : TokenKind.Number, text[start..at], start);
    }

    private static string Quoted(string text, ref int at, char quote, string what)
    {
        var start = at++;
        var content = new StringBuilder();
        while (at < text.Length)
        {
            if (text[at] != quote)
            {
                content.Append(text[at++]);
            }
            else if (at + 1 < text.Length && text[at + 1] == quote)
            {
                content.Append(quote);
                at += 2;
            }
            else
            {
                at++;
                if (what == "name" && content.Length == 0) throw new SyntaxException(start, "a quoted name is empty");
                return content.ToString();
            }
        }
        throw new SyntaxException(start, $"the {what} that opens here with {quote} is not closed");
    }
}
