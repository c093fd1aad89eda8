using System.Text;
using Actors.Expressions.Syntax;

namespace Actors.Expressions.Compilation;

/// <summary>An expression's delegate, and what is known of its type.</summary>
internal readonly record struct Compiled(Evaluator Run, ExpressionType Type)
{
    public static Compiled Nothing { get; } = new(_ => default, ExpressionType.Unknown);
}

/// <summary>Turns a tree into delegates and gathers every error of names, functions and types on the way.</summary>
internal sealed class Compiler(ExpressionScope scope)
{
    private readonly List<ExpressionError> _errors = [];

    /// <summary>Compiles a call of an aggregate function; null where none may stand.</summary>
    public Func<CallNode, Compiled>? Aggregates { get; init; }

    public IReadOnlyList<ExpressionError> Errors => _errors;

    public void Fail(Node node, string reason) => _errors.Add(new ExpressionError(node.Position + 1, reason));

    public Compiled Compile(Node node) => node switch
    {
        LiteralNode literal => Literal(literal.Value),
        PartNode part => Part(part.Part),
        FieldNode field => Field(field),
        MemberNode member => Member(member),
        IndexNode index => Index(index),
        NegateNode negate => Negate(negate),
        NotNode not => Not(not),
        BinaryNode { Operator: BinaryOperator.And or BinaryOperator.Or } logical => Logical(logical),
        BinaryNode { Operator: <= BinaryOperator.GreaterOrEqual } comparison => Comparison(comparison),
        BinaryNode arithmetic => Arithmetic(arithmetic),
        BetweenNode between => Between(between),
        InNode choice => In(choice),
        LikeNode like => Like(like),
        IsNullNode isNull => IsNull(isNull),
        IsDistinctNode distinct => IsDistinct(distinct),
        CaseNode cases => Case(cases),
        CastNode cast => Cast(cast),
        CallNode call => Call(call),
        _ => throw new InvalidOperationException($"no compilation of {node.GetType().Name}"),
    };

    private static Compiled Literal(Value value) => new(_ => value, ExpressionTypes.Of(value.Kind));

    private Compiled Part(RecordPart part) => part switch
    {
        RecordPart.Key => new(c => c.Key, scope.KeyType),
        RecordPart.Value => new(c => c.Value, scope.ValueType),
        RecordPart.RowTime => new(c => Value.Of(c.Timestamp), ExpressionType.Long),
        RecordPart.RowPartition => new(c => Value.Of((long)c.Partition), ExpressionType.Long),
        RecordPart.RowOffset => new(c => Value.Of(c.Offset), ExpressionType.Long),
        _ => new(Operations.Headers, ExpressionType.Object),
    };

    private Compiled Field(FieldNode field)
    {
        if (field.Name == scope.Element) return new Compiled(c => c.Element, ExpressionType.Unknown);
        if (scope.ValueType is not (ExpressionType.Unknown or ExpressionType.Object))
        {
            Fail(field, $"the value is {scope.ValueType.Described()} and has no field {field.Name}; it is called value");
            return Compiled.Nothing;
        }
        if (scope.Fields is { } known && !known.Contains(field.Name))
        {
            var near = Names.Nearest(field.Name, known) is { } name ? $"; did you mean {name}?" : known.Count > 0 ? $"; known are {string.Join(", ", known)}" : "";
            Fail(field, $"unknown field {field.Name}{near}");
            return Compiled.Nothing;
        }
        var utf8 = Encoding.UTF8.GetBytes(field.Name);
        return new Compiled(c => c.Field(utf8), ExpressionType.Unknown);
    }

    private Compiled Member(MemberNode member)
    {
        var utf8 = Encoding.UTF8.GetBytes(member.Name);
        // value.x is x: the record has its value's fields indexed.
        if (member.Target is PartNode { Part: RecordPart.Value }) return Field(new FieldNode(member.Target.Position, member.Name));
        var target = Want(member.Target, ExpressionType.Object);
        return new Compiled(c => target(c).Field(utf8), ExpressionType.Unknown);
    }

    private Compiled Index(IndexNode node)
    {
        var target = Compile(node.Target);
        var index = Compile(node.Index);
        if (!target.Type.MayBe(ExpressionType.Array) && !target.Type.MayBe(ExpressionType.Object))
            Fail(node, $"{target.Type.Described()} has no elements");
        if (!index.Type.MayBe(ExpressionType.Long) && !index.Type.MayBe(ExpressionType.String))
            Fail(node.Index, $"an index is an integer or a field's name, not {index.Type.Described()}");
        return new Compiled(
            c => index.Run(c) switch
            {
                { Kind: ValueKind.Long } at => target.Run(c).Element(at.AsLong),
                { Kind: ValueKind.String } name => target.Run(c).Field(name.AsBytes),
                _ => default,
            },
            ExpressionType.Unknown);
    }

    /// <summary>Compiles an operand that must be able to be of a type.</summary>
    private Evaluator Want(Node node, ExpressionType wanted)
    {
        var compiled = Compile(node);
        if (!compiled.Type.MayBe(wanted)) Fail(node, $"expected {wanted.Described()}, found {compiled.Type.Described()}");
        return compiled.Run;
    }

    private Compiled Negate(NegateNode node)
    {
        var operand = Compile(node.Operand);
        if (!operand.Type.MayBe(ExpressionType.Number)) Fail(node.Operand, $"expected a number, found {operand.Type.Described()}");
        return new Compiled(c => Operations.Negate(operand.Run(c)), operand.Type.IsNumeric() ? operand.Type : ExpressionType.Number);
    }

    private Compiled Not(NotNode node)
    {
        var operand = Want(node.Operand, ExpressionType.Boolean);
        return new Compiled(c => operand(c) is { Kind: ValueKind.Boolean } value ? Value.Of(!value.IsTrue) : default, ExpressionType.Boolean);
    }

    private Compiled Logical(BinaryNode node)
    {
        var left = Want(node.Left, ExpressionType.Boolean);
        var right = Want(node.Right, ExpressionType.Boolean);
        return new Compiled(node.Operator == BinaryOperator.And ? c => Operations.And(left, right, c) : c => Operations.Or(left, right, c), ExpressionType.Boolean);
    }

    private Compiled Comparison(BinaryNode node)
    {
        var left = Compile(node.Left);
        var right = Compile(node.Right);
        if (!left.Type.MayBe(right.Type)) Fail(node, $"cannot compare {left.Type.Described()} with {right.Type.Described()}");
        return new Compiled(Operations.Comparison(node.Operator, left.Run, right.Run), ExpressionType.Boolean);
    }

    private Compiled Arithmetic(BinaryNode node)
    {
        var left = Compile(node.Left);
        var right = Compile(node.Right);
        var texts = node.Operator == BinaryOperator.Add && left.Type.MayBe(ExpressionType.String) && right.Type.MayBe(ExpressionType.String);
        if (!texts && (!left.Type.MayBe(ExpressionType.Number) || !right.Type.MayBe(ExpressionType.Number)))
            Fail(node, $"{node.Symbol} takes numbers{(node.Operator == BinaryOperator.Add ? " or strings" : "")}, found {left.Type.Described()} and {right.Type.Described()}");
        var type = left.Type.IsNumeric() && right.Type.IsNumeric() ? ArithmeticType(left.Type, right.Type)
            : left.Type == ExpressionType.String || right.Type == ExpressionType.String ? ExpressionType.String
            : node.Operator == BinaryOperator.Add ? ExpressionType.Unknown : ExpressionType.Number;
        return new Compiled(Operations.Arithmetic(node.Operator, left.Run, right.Run), type);
    }

    private static ExpressionType ArithmeticType(ExpressionType left, ExpressionType right) =>
        left == ExpressionType.Double || right == ExpressionType.Double ? ExpressionType.Double : left == right ? left : ExpressionType.Number;

    private Compiled Between(BetweenNode node)
    {
        var operand = Compile(node.Operand);
        var low = Compile(node.Low);
        var high = Compile(node.High);
        foreach (var (bound, compiled) in new[] { (node.Low, low), (node.High, high) })
            if (!operand.Type.MayBe(compiled.Type))
                Fail(bound, $"cannot compare {operand.Type.Described()} with {compiled.Type.Described()}");
        var negated = node.Negated;
        return new Compiled(c => Operations.Between(operand.Run(c), low.Run(c), high.Run(c), negated), ExpressionType.Boolean);
    }

    private Compiled In(InNode node)
    {
        var operand = Compile(node.Operand);
        var choices = new Evaluator[node.Choices.Count];
        for (var i = 0; i < choices.Length; i++)
        {
            var choice = Compile(node.Choices[i]);
            if (!operand.Type.MayBe(choice.Type)) Fail(node.Choices[i], $"cannot compare {operand.Type.Described()} with {choice.Type.Described()}");
            choices[i] = choice.Run;
        }
        var negated = node.Negated;
        return new Compiled(c => Operations.In(operand.Run(c), choices, c, negated), ExpressionType.Boolean);
    }

    private Compiled Like(LikeNode node)
    {
        var operand = Want(node.Operand, ExpressionType.String);
        var pattern = Want(node.Pattern, ExpressionType.String);
        var (negated, escape) = (node.Negated, node.Escape ?? '\\');
        if (node.Pattern is LiteralNode { Value.Kind: ValueKind.String } literal)
        {
            var constant = new LikePattern(literal.Value.AsString, escape);
            return new Compiled(c => operand(c) is { Kind: ValueKind.String } text ? Value.Of(constant.Matches(text.AsBytes) != negated) : Value.False, ExpressionType.Boolean);
        }
        return new Compiled(
            c => operand(c) is { Kind: ValueKind.String } text && pattern(c) is { Kind: ValueKind.String } wanted
                ? Value.Of(new LikePattern(wanted.AsString, escape).Matches(text.AsBytes) != negated)
                : Value.False,
            ExpressionType.Boolean);
    }

    private Compiled IsNull(IsNullNode node)
    {
        var operand = Compile(node.Operand).Run;
        var negated = node.Negated;
        return new Compiled(c => Value.Of(operand(c).IsNull != negated), ExpressionType.Boolean);
    }

    private Compiled IsDistinct(IsDistinctNode node)
    {
        var left = Compile(node.Left).Run;
        var right = Compile(node.Right).Run;
        var negated = node.Negated;
        return new Compiled(c => Value.Of(ValueOrder.AreEqual(left(c), right(c)) == negated), ExpressionType.Boolean);
    }

    private Compiled Case(CaseNode node)
    {
        var operand = node.Operand is null ? (Compiled?)null : Compile(node.Operand);
        var branches = new (Evaluator When, Evaluator Then)[node.Branches.Count];
        var type = ExpressionType.Null;
        for (var i = 0; i < branches.Length; i++)
        {
            var (whenNode, thenNode) = node.Branches[i];
            Evaluator when;
            if (operand is { } compared)
            {
                var wanted = Compile(whenNode);
                if (!compared.Type.MayBe(wanted.Type)) Fail(whenNode, $"cannot compare {compared.Type.Described()} with {wanted.Type.Described()}");
                when = Operations.Comparison(BinaryOperator.Equal, compared.Run, wanted.Run);
            }
            else
            {
                when = Want(whenNode, ExpressionType.Boolean);
            }
            var then = Compile(thenNode);
            type = ExpressionTypes.Common(type, then.Type);
            branches[i] = (when, then.Run);
        }
        var otherwise = node.Else is null ? Literal(Value.Null) : Compile(node.Else);
        return new Compiled(c => Operations.Case(branches, otherwise.Run, c), ExpressionTypes.Common(type, otherwise.Type));
    }

    private Compiled Cast(CastNode node)
    {
        var operand = Compile(node.Operand).Run;
        var target = node.Target;
        return new Compiled(c => Casting.To(target, operand(c)), target);
    }

    private Compiled Call(CallNode node)
    {
        if (AggregateCatalog.Has(node.Name))
        {
            if (Aggregates is not null) return Aggregates(node);
            Fail(node, $"the aggregate function {node.Name} may stand only in an aggregate stage, and not inside another");
            return Compiled.Nothing;
        }
        if (!FunctionCatalog.TryFind(node.Name, out var function))
        {
            var near = Names.Nearest(node.Name, FunctionCatalog.Names.Concat(AggregateCatalog.Names)) is { } name ? $"; did you mean {name}?" : "";
            Fail(node, $"unknown function {node.Name}{near}");
            foreach (var argument in node.Arguments) Compile(argument);
            return Compiled.Nothing;
        }
        if (node.Star) Fail(node, $"{node.Name} does not take *");
        var arguments = node.Arguments.Select(Compile).ToArray();
        var count = arguments.Length;
        if (node.Star || !function.Takes(count))
        {
            if (!node.Star) Fail(node, $"{node.Name} takes {function.CountDescribed}, found {count}");
            return Compiled.Nothing with { Type = function.Result };
        }
        for (var i = 0; i < count; i++)
        {
            var wanted = function.ParameterType(i);
            if (!arguments[i].Type.MayBe(wanted)) Fail(node.Arguments[i], $"argument {i + 1} of {node.Name} is {wanted.Described()}, found {arguments[i].Type.Described()}");
        }
        var type = function.TypeOf?.Invoke([.. arguments.Select(a => a.Type)]) ?? function.Result;
        var constants = node.Arguments.Select(a => a is LiteralNode literal ? literal.Value : (Value?)null).ToArray();
        try
        {
            return new Compiled(function.Build([.. arguments.Select(a => a.Run)], constants), type);
        }
        catch (ArgumentRefusedException refused)
        {
            Fail(node.Arguments[refused.Index], refused.Message);
            return Compiled.Nothing;
        }
    }
}
