using System.Globalization;

namespace Actors.Expressions.Syntax;

/// <summary>A Pratt parser: what binds tighter is read deeper. It stops at the first error.</summary>
internal sealed class Parser
{
    /// <summary>Nesting that no one writes by hand; deeper text is refused rather than overflowing the stack.</summary>
    private const int MaximumDepth = 200;

    private const int MaximumTokens = 4000;

    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    private Parser(List<Token> tokens) => _tokens = tokens;

    /// <summary>Reads a whole text; throws <see cref="SyntaxException"/>.</summary>
    public static Node Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new SyntaxException(0, "the expression is empty");
        var tokens = Lexer.Read(text);
        if (tokens.Count > MaximumTokens) throw new SyntaxException(tokens[MaximumTokens].Start, $"longer than {MaximumTokens} words and signs");
        var parser = new Parser(tokens);
        var node = parser.Expression(Binding.Or);
        if (parser.Current.Kind != TokenKind.End) throw Unexpected(parser.Current, "an operator or the end");
        return node;
    }

    private Token Current => _tokens[_at];

    private Token Take() => _tokens[_at++];

    private static SyntaxException Unexpected(Token token, string wanted) => new(token.Start, $"expected {wanted}, found {token.Described}");

    private bool TakeWord(string word)
    {
        if (!Current.IsWord(word)) return false;
        _at++;
        return true;
    }

    private bool TakeSymbol(string symbol)
    {
        if (!Current.Is(symbol)) return false;
        _at++;
        return true;
    }

    private void ExpectWord(string word)
    {
        if (!TakeWord(word)) throw Unexpected(Current, word);
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol)) throw Unexpected(Current, $"\"{symbol}\"");
    }

    private Node Expression(Binding least)
    {
        if (++_depth > MaximumDepth) throw new SyntaxException(Current.Start, $"nested deeper than {MaximumDepth} levels");
        var left = Prefix();
        for (var fresh = true; Infix(left, least, fresh) is { } wider; fresh = false) left = wider;
        _depth--;
        return left;
    }

    private Node Prefix()
    {
        var token = Current;
        if (TakeWord("NOT")) return new NotNode(token.Start, Expression(Binding.Not));
        if (TakeSymbol("-"))
        {
            // The sign belongs to a number that follows at once, so that the smallest integer can be written.
            if (Current.Kind is TokenKind.Integer or TokenKind.Number && Current.Start == token.Start + 1) return Number(Take(), "-", token.Start);
            return new NegateNode(token.Start, Expression(Binding.Sign));
        }
        return TakeSymbol("+") ? Expression(Binding.Sign) : Primary();
    }

    // fresh: the left side was read as one operand (perhaps in parentheses), not put together at this level.
    private Node? Infix(Node left, Binding least, bool fresh)
    {
        var token = Current;
        if (token.Kind == TokenKind.Symbol)
        {
            switch (token.Text)
            {
                case "." or "->":
                    _at++;
                    return new MemberNode(token.Start, left, MemberName());
                case "[":
                    _at++;
                    var index = Expression(Binding.Or);
                    ExpectSymbol("]");
                    return new IndexNode(token.Start, left, index);
            }
            if (SymbolOperator(token.Text) is not { } symbol) return null;
            return Binary(symbol, left, least, fresh);
        }
        if (token.IsWord("AND")) return Binary(BinaryOperator.And, left, least, fresh);
        if (token.IsWord("OR")) return Binary(BinaryOperator.Or, left, least, fresh);
        return least <= Binding.Compare ? WordComparison(left) : null;
    }

    private BinaryNode? Binary(BinaryOperator symbol, Node left, Binding least, bool fresh)
    {
        var node = new BinaryNode(Current.Start, symbol, left, left);
        if (node.Binds < least) return null;
        if (node.Binds == Binding.Compare && left.Binds == Binding.Compare && !fresh)
            throw new SyntaxException(Current.Start, "comparisons do not chain; join two with AND");
        _at++;
        return node with { Right = Expression(node.Binds + 1) };
    }

    private Node? WordComparison(Node left)
    {
        var start = Current.Start;
        if (TakeWord("IS")) return Is(left, start);
        var negated = Current.IsWord("NOT") && (_tokens[_at + 1].IsWord("BETWEEN") || _tokens[_at + 1].IsWord("IN") || _tokens[_at + 1].IsWord("LIKE"));
        if (negated) _at++;
        if (TakeWord("BETWEEN"))
        {
            var low = Expression(Binding.Sum);
            ExpectWord("AND");
            return new BetweenNode(start, left, low, Expression(Binding.Sum), negated);
        }
        if (TakeWord("IN"))
        {
            ExpectSymbol("(");
            return new InNode(start, left, List(")"), negated);
        }
        if (!TakeWord("LIKE")) return null;
        var pattern = Expression(Binding.Sum);
        if (!TakeWord("ESCAPE")) return new LikeNode(start, left, pattern, null, negated);
        var escape = Take();
        if (escape.Kind != TokenKind.Text || escape.Text.Length != 1) throw Unexpected(escape, "one character in quotes");
        return new LikeNode(start, left, pattern, escape.Text[0], negated);
    }

    private Node Is(Node left, int start)
    {
        var negated = TakeWord("NOT");
        if (TakeWord("NULL")) return new IsNullNode(start, left, negated);
        if (!TakeWord("DISTINCT")) throw Unexpected(Current, "NULL, NOT NULL or DISTINCT FROM");
        ExpectWord("FROM");
        return new IsDistinctNode(start, left, Expression(Binding.Sum), negated);
    }

    private static BinaryOperator? SymbolOperator(string symbol) => symbol switch
    {
        "=" => BinaryOperator.Equal,
        "<>" or "!=" => BinaryOperator.NotEqual,
        "<" => BinaryOperator.Less,
        "<=" => BinaryOperator.LessOrEqual,
        ">" => BinaryOperator.Greater,
        ">=" => BinaryOperator.GreaterOrEqual,
        "+" => BinaryOperator.Add,
        "-" => BinaryOperator.Subtract,
        "*" => BinaryOperator.Multiply,
        "/" => BinaryOperator.Divide,
        "%" => BinaryOperator.Remainder,
        _ => null,
    };

    private Node Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Integer or TokenKind.Number: return Number(token, "", token.Start);
            case TokenKind.Text: return new LiteralNode(token.Start, Value.Of(token.Text));
            case TokenKind.QuotedName: return new FieldNode(token.Start, token.Text);
            case TokenKind.Symbol when token.Text == "(":
                var inner = Expression(Binding.Or);
                ExpectSymbol(")");
                return inner;
            case TokenKind.Name: return Named(token);
            default:
                _at--;
                throw Unexpected(token, "a value, a field or a function");
        }
    }

    private Node Named(Token token)
    {
        if (token.IsWord("NULL")) return new LiteralNode(token.Start, Value.Null);
        if (token.IsWord("TRUE")) return new LiteralNode(token.Start, Value.True);
        if (token.IsWord("FALSE")) return new LiteralNode(token.Start, Value.False);
        if (token.IsWord("CASE")) return Case(token.Start);
        if (token.IsWord("CAST")) return Cast(token.Start);
        if (Names.IsKeyword(token.Text)) throw new SyntaxException(token.Start, $"expected a value, a field or a function, found {token.Text}; a field of that name is written `{token.Text}`");
        if (!TakeSymbol("(")) return Names.PartNamed(token.Text) is { } part ? new PartNode(token.Start, part) : new FieldNode(token.Start, token.Text);
        if (TakeSymbol("*"))
        {
            ExpectSymbol(")");
            return new CallNode(token.Start, token.Text.ToUpperInvariant(), [], true);
        }
        return new CallNode(token.Start, token.Text.ToUpperInvariant(), TakeSymbol(")") ? [] : List(")"), false);
    }

    private List<Node> List(string close)
    {
        var nodes = new List<Node>();
        do nodes.Add(Expression(Binding.Or));
        while (TakeSymbol(","));
        if (!TakeSymbol(close)) throw Unexpected(Current, $"\",\" or \"{close}\"");
        return nodes;
    }

    private CaseNode Case(int start)
    {
        var operand = Current.IsWord("WHEN") ? null : Expression(Binding.Or);
        var branches = new List<(Node, Node)>();
        while (TakeWord("WHEN"))
        {
            var when = Expression(Binding.Or);
            ExpectWord("THEN");
            branches.Add((when, Expression(Binding.Or)));
        }
        if (branches.Count == 0) throw Unexpected(Current, "WHEN");
        var otherwise = TakeWord("ELSE") ? Expression(Binding.Or) : null;
        ExpectWord("END");
        return new CaseNode(start, operand, branches, otherwise);
    }

    private CastNode Cast(int start)
    {
        ExpectSymbol("(");
        var operand = Expression(Binding.Or);
        ExpectWord("AS");
        var name = Take();
        if (name.Kind != TokenKind.Name) throw Unexpected(name, "a type");
        var type = name.Text.ToUpperInvariant() switch
        {
            "INT" or "INTEGER" or "BIGINT" => ExpressionType.Long,
            "DOUBLE" => ExpressionType.Double,
            "STRING" or "VARCHAR" => ExpressionType.String,
            "BOOLEAN" => ExpressionType.Boolean,
            "BYTES" => ExpressionType.Bytes,
            _ => throw new SyntaxException(name.Start, $"unknown type {name.Text}; known are BOOLEAN, INTEGER, BIGINT, DOUBLE, STRING, BYTES"),
        };
        ExpectSymbol(")");
        return new CastNode(start, operand, type);
    }

    private string MemberName()
    {
        var name = Take();
        return name.Kind is TokenKind.Name or TokenKind.QuotedName ? name.Text : throw Unexpected(name, "a field's name");
    }

    private static LiteralNode Number(Token token, string sign, int start)
    {
        var text = sign + token.Text;
        if (token.Kind == TokenKind.Number && double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number))
            return new LiteralNode(start, Value.Of(number));
        if (long.TryParse(text, CultureInfo.InvariantCulture, out var integer)) return new LiteralNode(start, Value.Of(integer));
        throw new SyntaxException(start, $"{text} is beyond a 64-bit {(token.Kind == TokenKind.Number ? "double" : "integer")}");
    }
}
