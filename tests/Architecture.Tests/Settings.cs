using Actors.Hocon;

namespace Actors.Architecture.Tests;

/// <summary>Every setting the node reads under <c>actors { }</c> is declared in hocon/reference.conf with a sentence, and what is declared there is read.</summary>
public sealed class Settings
{
    private const string Reference = "hocon/reference.conf";

    private static readonly HashSet<string> Getters =
        ["Text", "Flag", "Int", "Long", "Double", "Duration", "Bytes", "IntBytes", "Enum", "Choice", "Items", "Texts", "Section", "OptionalSection", "Has", "Optional", "Required"];

    [Fact]
    public void Every_key_read_is_declared() => Rule.Holds(KeysRead().Where(key => !Declared().Any(field => field.Key == key)).Select(key => $"{key} is read and does not stand in {Reference}"));

    [Fact]
    public void Every_key_declared_is_read() =>
        Rule.Holds(Declared().Where(field => !KeysRead().Contains(field.Key)).Select(field => $"{field.KeyPosition}: {field.Value.Path} is declared and nothing reads it"));

    [Fact]
    public void Every_key_declared_has_a_sentence() =>
        Rule.Holds(Declared().Where(field => field.Value is not HoconObject { Fields.Count: > 0 } && !HasSentence(Repository.Text(Reference), field.KeyPosition.Line))
            .Select(field => $"{field.KeyPosition}: {field.Value.Path} has no sentence above it"));

    [Fact]
    public void The_rules_see_a_breach()
    {
        Assert.Equal(["port", "host"], KeysIn(Repository.Parse("class C { void M(HoconSection s) { s.Int(\"port\", 1, 2); s.Section(\"host\"); s.Other(\"x\"); } }")));
        var text = "# One word\n\n  # What this is for, in s.\n  a = 1\n  b = 2\n\n  c = 3\n  d = 4 # Too late to say what it is\n";
        Assert.Equal([false, true, true, false, false], new[] { 2, 4, 5, 7, 8 }.Select(line => HasSentence(text, line)));
    }

    private static HashSet<string> KeysRead() => [.. Repository.CSharpFiles
        .Where(file => file.StartsWith("src/Node/", StringComparison.Ordinal) && Repository.Text(file).Contains(nameof(HoconSection), StringComparison.Ordinal))
        .SelectMany(file => KeysIn(Repository.Syntax(file)))];

    private static IEnumerable<string> KeysIn(SyntaxNode root) => root.DescendantNodes().OfType<InvocationExpressionSyntax>()
        .Where(call => call.Expression is MemberAccessExpressionSyntax member && Getters.Contains(member.Name.Identifier.Text))
        .Select(call => call.ArgumentList.Arguments.FirstOrDefault()?.Expression as LiteralExpressionSyntax)
        .OfType<LiteralExpressionSyntax>().Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression)).Select(literal => literal.Token.ValueText);

    private static IReadOnlyList<HoconField> Declared() =>
        Repository.Files.Contains(Reference) && HoconDocument.Parse(Repository.Text(Reference), Reference).Resolve().Find("actors") is HoconObject actors ? [.. Below(actors)] : [];

    private static IEnumerable<HoconField> Below(HoconObject section) => section.Fields.SelectMany(field => field.Value is HoconObject inner ? Below(inner).Prepend(field) : [field]);

    /// <summary>A comment of three words or more right above the key, or above the keys right above it.</summary>
    private static bool HasSentence(string text, int line)
    {
        var lines = text.Split('\n');
        for (var at = line - 2; at >= 0 && lines[at].Trim() is { Length: > 0 } above && !above.EndsWith('{'); at--)
        {
            if (above.StartsWith('#')) return above.TrimStart('#').Split(' ', StringSplitOptions.RemoveEmptyEntries).Length >= 3;
        }
        return false;
    }
}
