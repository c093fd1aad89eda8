using System.Globalization;
using System.Text;

namespace Actors.Expressions.Syntax;

/// <summary>How tightly a node binds; the printer puts parentheses around what binds less than its place asks for.</summary>
internal enum Binding { Or = 1, And, Not, Compare, Sum, Product, Sign, Postfix }

/// <summary>A node of an expression. <c>Position</c> counts characters of the text from 0; the printed form reads back as the same tree.</summary>
internal abstract record Node(int Position)
{
    public virtual Binding Binds => Binding.Postfix;
    public abstract IEnumerable<Node> Children { get; }
    protected abstract void Append(StringBuilder text);

    public string Print()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    protected static void Put(StringBuilder text, Node node, Binding least)
    {
        if (node.Binds < least) text.Append('(');
        node.Append(text);
        if (node.Binds < least) text.Append(')');
    }

    protected static void PutList(StringBuilder text, IEnumerable<Node> nodes)
    {
        var first = true;
        foreach (var node in nodes)
        {
            if (!first) text.Append(", ");
            first = false;
            node.Append(text);
        }
    }
}

internal sealed record LiteralNode(int Position, Value Value) : Node(Position)
{
    public override IEnumerable<Node> Children => [];
    protected override void Append(StringBuilder text) => text.Append(Value.Kind switch
    {
        ValueKind.Null => "NULL",
        ValueKind.Boolean => Value.AsBoolean ? "TRUE" : "FALSE",
        ValueKind.Long => Value.AsLong.ToString(CultureInfo.InvariantCulture),
        ValueKind.Double => JsonText.ToJson(Value),
        _ => $"'{Value.AsString.Replace("'", "''")}'",
    });
}

/// <summary>What every record has, whatever its value.</summary>
internal enum RecordPart { Key, Value, RowTime, RowPartition, RowOffset, Headers }

internal sealed record PartNode(int Position, RecordPart Part) : Node(Position)
{
    public override IEnumerable<Node> Children => [];
    protected override void Append(StringBuilder text) => text.Append(Names.Of(Part));
}

internal sealed record FieldNode(int Position, string Name) : Node(Position)
{
    public override IEnumerable<Node> Children => [];
    protected override void Append(StringBuilder text) => text.Append(Names.Print(Name));
}

internal sealed record MemberNode(int Position, Node Target, string Name) : Node(Position)
{
    public override IEnumerable<Node> Children => [Target];
    protected override void Append(StringBuilder text)
    {
        Put(text, Target, Binding.Postfix);
        text.Append('.').Append(Names.Print(Name));
    }
}

internal sealed record IndexNode(int Position, Node Target, Node Index) : Node(Position)
{
    public override IEnumerable<Node> Children => [Target, Index];
    protected override void Append(StringBuilder text)
    {
        Put(text, Target, Binding.Postfix);
        text.Append('[');
        Put(text, Index, Binding.Or);
        text.Append(']');
    }
}

internal sealed record NegateNode(int Position, Node Operand) : Node(Position)
{
    public override Binding Binds => Binding.Sign;
    public override IEnumerable<Node> Children => [Operand];
    protected override void Append(StringBuilder text)
    {
        text.Append('-');
        // A digit right after the sign would read back as a negative number.
        var operand = Operand.Print();
        if (Operand.Binds < Binding.Postfix || char.IsAsciiDigit(operand[0])) operand = $"({operand})";
        text.Append(operand);
    }
}

internal sealed record NotNode(int Position, Node Operand) : Node(Position)
{
    public override Binding Binds => Binding.Not;
    public override IEnumerable<Node> Children => [Operand];
    protected override void Append(StringBuilder text)
    {
        text.Append("NOT ");
        Put(text, Operand, Binding.Not);
    }
}

internal enum BinaryOperator { Or, And, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Add, Subtract, Multiply, Divide, Remainder }

internal sealed record BinaryNode(int Position, BinaryOperator Operator, Node Left, Node Right) : Node(Position)
{
    public override Binding Binds => Operator switch
    {
        BinaryOperator.Or => Binding.Or,
        BinaryOperator.And => Binding.And,
        <= BinaryOperator.GreaterOrEqual => Binding.Compare,
        BinaryOperator.Add or BinaryOperator.Subtract => Binding.Sum,
        _ => Binding.Product,
    };
    public override IEnumerable<Node> Children => [Left, Right];
    public string Symbol => Operator switch
    {
        BinaryOperator.Or => "OR",
        BinaryOperator.And => "AND",
        BinaryOperator.Equal => "=",
        BinaryOperator.NotEqual => "<>",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        _ => "%",
    };
    protected override void Append(StringBuilder text)
    {
        Put(text, Left, Binds == Binding.Compare ? Binding.Sum : Binds);
        text.Append(' ').Append(Symbol).Append(' ');
        Put(text, Right, Binds + 1);
    }
}

internal sealed record BetweenNode(int Position, Node Operand, Node Low, Node High, bool Negated) : Node(Position)
{
    public override Binding Binds => Binding.Compare;
    public override IEnumerable<Node> Children => [Operand, Low, High];
    protected override void Append(StringBuilder text)
    {
        Put(text, Operand, Binding.Sum);
        text.Append(Negated ? " NOT BETWEEN " : " BETWEEN ");
        Put(text, Low, Binding.Sum);
        text.Append(" AND ");
        Put(text, High, Binding.Sum);
    }
}

internal sealed record InNode(int Position, Node Operand, IReadOnlyList<Node> Choices, bool Negated) : Node(Position)
{
    public override Binding Binds => Binding.Compare;
    public override IEnumerable<Node> Children => [Operand, .. Choices];
    protected override void Append(StringBuilder text)
    {
        Put(text, Operand, Binding.Sum);
        text.Append(Negated ? " NOT IN (" : " IN (");
        PutList(text, Choices);
        text.Append(')');
    }
}

internal sealed record LikeNode(int Position, Node Operand, Node Pattern, char? Escape, bool Negated) : Node(Position)
{
    public override Binding Binds => Binding.Compare;
    public override IEnumerable<Node> Children => [Operand, Pattern];
    protected override void Append(StringBuilder text)
    {
        Put(text, Operand, Binding.Sum);
        text.Append(Negated ? " NOT LIKE " : " LIKE ");
        Put(text, Pattern, Binding.Sum);
        if (Escape is { } escape) text.Append(" ESCAPE '").Append(escape == '\'' ? "''" : escape.ToString()).Append('\'');
    }
}

internal sealed record IsNullNode(int Position, Node Operand, bool Negated) : Node(Position)
{
    public override Binding Binds => Binding.Compare;
    public override IEnumerable<Node> Children => [Operand];
    protected override void Append(StringBuilder text)
    {
        Put(text, Operand, Binding.Sum);
        text.Append(Negated ? " IS NOT NULL" : " IS NULL");
    }
}

internal sealed record IsDistinctNode(int Position, Node Left, Node Right, bool Negated) : Node(Position)
{
    public override Binding Binds => Binding.Compare;
    public override IEnumerable<Node> Children => [Left, Right];
    protected override void Append(StringBuilder text)
    {
        Put(text, Left, Binding.Sum);
        text.Append(Negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
        Put(text, Right, Binding.Sum);
    }
}

internal sealed record CaseNode(int Position, Node? Operand, IReadOnlyList<(Node When, Node Then)> Branches, Node? Else) : Node(Position)
{
    public override IEnumerable<Node> Children =>
        [.. Operand is null ? [] : new[] { Operand }, .. Branches.SelectMany(b => new[] { b.When, b.Then }), .. Else is null ? [] : new[] { Else }];
    protected override void Append(StringBuilder text)
    {
        text.Append("CASE");
        if (Operand is not null) Put(text.Append(' '), Operand, Binding.Or);
        foreach (var (when, then) in Branches)
        {
            Put(text.Append(" WHEN "), when, Binding.Or);
            Put(text.Append(" THEN "), then, Binding.Or);
        }
        if (Else is not null) Put(text.Append(" ELSE "), Else, Binding.Or);
        text.Append(" END");
    }
}

internal sealed record CastNode(int Position, Node Operand, ExpressionType Target) : Node(Position)
{
    public override IEnumerable<Node> Children => [Operand];
    protected override void Append(StringBuilder text)
    {
        Put(text.Append("CAST("), Operand, Binding.Or);
        text.Append(" AS ").Append(Target.SqlName()).Append(')');
    }
}

internal sealed record CallNode(int Position, string Name, IReadOnlyList<Node> Arguments, bool Star) : Node(Position)
{
    public override IEnumerable<Node> Children => Arguments;
    protected override void Append(StringBuilder text)
    {
        text.Append(Name).Append('(');
        if (Star) text.Append('*');
        PutList(text, Arguments);
        text.Append(')');
    }
}
