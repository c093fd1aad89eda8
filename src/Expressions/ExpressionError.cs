namespace Actors.Expressions;

/// <summary>What is wrong with an expression, and where: the column counts characters of the expression's text from 1.</summary>
public readonly record struct ExpressionError(int Column, string Reason)
{
    public override string ToString() => $"column {Column}: {Reason}";
}

/// <summary>An expression that was refused, with every error found.</summary>
public sealed class ExpressionException(IReadOnlyList<ExpressionError> errors) : Exception(string.Join("; ", errors))
{
    public IReadOnlyList<ExpressionError> Errors { get; } = errors;
}
