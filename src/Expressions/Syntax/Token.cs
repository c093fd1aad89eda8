using Actors.Expressions;

namespace Actors.Expressions.Syntax;

internal enum TokenKind { Name, QuotedName, Text, Integer, Number, Symbol, End }

/// <summary>A token; <c>Start</c> counts characters from 0. Text and quoted names are without their quotes.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Start)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
    public bool IsWord(string word) => Kind == TokenKind.Name && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
    public string Described => Kind switch
    {
        TokenKind.End => "the end of the expression",
        TokenKind.Text => $"'{Text}'",
        _ => $"\"{Text}\"",
    };
}

/// <summary>A refusal while reading; <c>Position</c> counts characters from 0.</summary>
internal sealed class SyntaxException(int position, string reason) : Exception(reason)
{
    public ExpressionError Error { get; } = new(position + 1, reason);
}
