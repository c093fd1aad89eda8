namespace Actors.Architecture.Tests;

/// <summary>Files of at most 600 lines, functions of at most 70, without exception.</summary>
public sealed class Sizes
{
    private const int FileLines = 600;
    private const int FunctionLines = 70;

    [Fact]
    public void No_file_is_longer_than_600_lines() =>
        Rule.Holds(Repository.CSharpFiles.Select(file => (file, lines: Repository.Text(file).TrimEnd().Count(c => c == '\n') + 1))
            .Where(each => each.lines > FileLines).Select(each => $"{each.file} has {each.lines} lines"));

    [Fact]
    public void No_function_is_longer_than_70_lines() =>
        Rule.Holds(Repository.CSharpFiles.SelectMany(file => TooLong(Repository.Syntax(file)).Select(each => $"{Repository.At(file, each.Name)}: {each.Name} has {each.Lines} lines")));

    [Fact]
    public void The_rule_counts_from_the_first_line_to_the_closing_brace()
    {
        string Method(int lines) => $"class C {{\n/// <summary>Not counted.</summary>\n[Obsolete]\nvoid M()\n{{\n{string.Concat(Enumerable.Repeat("F();\n", lines - 3))}}}\n}}";
        Assert.Empty(TooLong(Repository.Parse(Method(70))));
        Assert.Equal([("M", 71)], TooLong(Repository.Parse(Method(71))).Select(each => (each.Name.Text, each.Lines)));
    }

    private static IEnumerable<(SyntaxToken Name, int Lines)> TooLong(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodes())
        {
            SyntaxToken? name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier,
                LocalFunctionStatementSyntax function => function.Identifier,
                ConstructorDeclarationSyntax constructor => constructor.Identifier,
                OperatorDeclarationSyntax operation => operation.OperatorToken,
                AccessorDeclarationSyntax accessor => accessor.Keyword,
                PropertyDeclarationSyntax { ExpressionBody: not null } property => property.Identifier,
                _ => null,
            };
            if (name is not { } found) continue;
            var lines = node.SyntaxTree.GetLineSpan(node.Span).EndLinePosition.Line - node.SyntaxTree.GetLineSpan(Declaration(node)).StartLinePosition.Line + 1;
            if (lines > FunctionLines) yield return (found, lines);
        }
    }

    /// <summary>The declaration without its attributes.</summary>
    private static Microsoft.CodeAnalysis.Text.TextSpan Declaration(SyntaxNode node) =>
        node.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList)).Span;
}
