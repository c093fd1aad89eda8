using System.Text;
using Actors.Expressions.Compilation;
using Actors.Expressions.Syntax;

namespace Actors.Expressions;

/// <summary>A compiled expression: what it comes to for one record. It never throws for what a record holds; what cannot be computed is null.</summary>
public delegate Value Evaluator(RecordContext context);

/// <summary>
/// An expression in SQL's grammar with ksqlDB's functions and null rules. A comparison with null is false, arithmetic with null is null,
/// integer division stays an integer, what fails (a division by zero, a cast) is null. Indexes count from 0, negative ones from the end.
/// </summary>
public sealed class Expression
{
    private readonly Node _root;

    private Expression(string text, Node root)
    {
        Text = text;
        _root = root;
        UsesAggregates = Walk(root).Any(n => n is CallNode call && AggregateCatalog.Has(call.Name));
    }

    /// <summary>The text it was read from.</summary>
    public string Text { get; }

    /// <summary>Whether an aggregate function stands anywhere in it.</summary>
    public bool UsesAggregates { get; }

    /// <summary>The name of the field the expression is, or of the last field of a path; null for anything else.</summary>
    public string? FieldName => _root switch
    {
        FieldNode named => named.Name,
        MemberNode member => member.Name,
        PartNode part => Names.Of(part.Part),
        _ => null,
    };

    /// <summary>Whether the expression is the record's key and nothing else.</summary>
    public bool IsKey => _root is PartNode { Part: RecordPart.Key };

    /// <summary>Whether the result hangs on the record's value and timestamp alone, so that it is the same wherever the record is taken.</summary>
    public bool NeedsOnlyValueAndTime => Walk(_root).All(n => n switch
    {
        PartNode part => part.Part is RecordPart.Value or RecordPart.RowTime,
        CallNode call => call.Name != "UNIX_TIMESTAMP" || call.Arguments.Count > 0,
        _ => true,
    });

    /// <summary>The known name nearest to one that is not known, if any is near enough to be what was meant.</summary>
    public static string? Nearest(string written, IEnumerable<string> known) => Names.Nearest(written, known);

    internal Node Root => _root;

    /// <summary>Reads an expression.</summary>
    /// <exception cref="ExpressionException">The text is no expression.</exception>
    public static Expression Parse(string text) => TryParse(text, out var expression, out var error) ? expression! : throw new ExpressionException([error]);

    /// <summary>Reads an expression; false, with the place and reason, if the text is none.</summary>
    public static bool TryParse(string text, out Expression? expression, out ExpressionError error)
    {
        (expression, error) = (null, default);
        try
        {
            expression = new Expression(text, Parser.Parse(text));
            return true;
        }
        catch (SyntaxException refused)
        {
            error = refused.Error;
            return false;
        }
    }

    /// <summary>Checks names, functions and types against what may be seen; all errors, or none.</summary>
    public IReadOnlyList<ExpressionError> Check(ExpressionScope scope) => TryCompile(scope, out _, out var errors) ? [] : errors;

    /// <summary>Compiles for records of any shape.</summary>
    /// <exception cref="ExpressionException">A name, function or type is wrong.</exception>
    public Evaluator Compile() => Compile(ExpressionScope.Open);

    /// <summary>Compiles for records as the scope describes them.</summary>
    /// <exception cref="ExpressionException">A name, function or type is wrong.</exception>
    public Evaluator Compile(ExpressionScope scope) => TryCompile(scope, out var evaluator, out var errors) ? evaluator : throw new ExpressionException(errors);

    /// <summary>Compiles, or says every error; a type that is wanted and cannot be had is one.</summary>
    public bool TryCompile(ExpressionScope scope, out Evaluator evaluator, out IReadOnlyList<ExpressionError> errors, ExpressionType wanted = ExpressionType.Unknown)
    {
        var compiler = new Compiler(scope);
        var compiled = compiler.Compile(_root);
        if (!compiled.Type.MayBe(wanted)) compiler.Fail(_root, $"expected {wanted.Described()}, found {compiled.Type.Described()}");
        (evaluator, errors) = (compiled.Run, compiler.Errors);
        return errors.Count == 0;
    }

    /// <summary>The type the expression has whatever the record; <see cref="ExpressionType.Unknown"/> where the record decides.</summary>
    public ExpressionType TypeIn(ExpressionScope scope) => new Compiler(scope).Compile(_root).Type;

    /// <summary>The printed form, which reads back as the same expression.</summary>
    public override string ToString() => _root.Print();

    private static IEnumerable<Node> Walk(Node node) => node.Children.SelectMany(Walk).Prepend(node);
}

/// <summary>What names mean where an expression stands.</summary>
public sealed record ExpressionScope
{
    /// <summary>A JSON value of unknown fields.</summary>
    public static ExpressionScope Open { get; } = new();

    /// <summary>The value's fields, where they are known; null means that any name may be one.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The name a flat-map gave the element it is at.</summary>
    public string? Element { get; init; }

    public ExpressionType KeyType { get; init; }

    /// <summary>The value's type; anything but unknown or an object has no fields.</summary>
    public ExpressionType ValueType { get; init; }
}
