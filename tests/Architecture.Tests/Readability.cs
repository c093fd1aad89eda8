using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>Names that say what a thing is, types that say what they are for, SQL where SQL belongs, and nothing of the machine it was written on.</summary>
public sealed partial class Readability
{
    /// <summary>Types within a type are covered by its summary.</summary>
    [Fact]
    public void Every_public_type_of_the_product_has_a_summary()
    {
        var types = Repository.ProductFiles.SelectMany(file => PublicTypes(Repository.Syntax(file)).Select(type => (file, type))).ToArray();
        Assert.NotEmpty(types);
        // Of a partial type one part carries the summary.
        Rule.Holds(types.GroupBy(each => FullName(each.type)).Where(parts => !parts.Any(part => HasSummary(part.type)))
            .Select(parts => $"{Repository.At(parts.First().file, parts.First().type.Identifier)}: {parts.Key} has no summary"));
    }

    [Fact]
    public void No_name_is_vague()
    {
        var files = Repository.CSharpFiles.Where(file => !Repository.IsStandIn(file)).ToArray();
        var types = files.SelectMany(file => Repository.Syntax(file).DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => (file, name: type.Identifier)))
            .Where(each => IsVague(each.name.Text)).Select(each => $"{Repository.At(each.file, each.name)}: {each.name.Text}");
        var folders = Repository.Files.Where(file => !Repository.IsStandIn(file)).SelectMany(file => file.Split('/')).Select(part => part.Split('.')[0]).Distinct().Where(IsVague);
        Rule.Holds(types.Concat(folders));
    }

    [Fact]
    public void SQL_stands_in_sql_files() =>
        Rule.Holds(Repository.CSharpFiles.Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => SqlIn(Repository.Syntax(file)).Select(token => $"{Repository.At(file, token)}: {token.ValueText.Trim().Split('\n')[0]}")));

    [Fact]
    public void No_file_names_a_place_on_the_machine_it_was_written_on()
    {
        // Put together here, so that this file does not name one.
        string[] places = ["/" + "work/", "/" + "root/", "/" + "Users/", "C:" + "\\Users"];
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] all = [.. places, Repository.Root, .. home.Length > 1 ? new[] { home + "/" } : []];
        Rule.Holds(Repository.Files.Where(IsText).SelectMany(file => all.Where(Repository.Text(file).Contains).Select(place => $"{file} names {place}")).Distinct());
    }

    [Fact]
    public void The_rules_see_a_breach()
    {
        Assert.Equal(["PartitionManager", "Helpers", "StringUtils", "Common"], new[] { "PartitionManager", "Helpers", "StringUtils", "Common", "PartitionMachine", "Utility1", "Commons" }.Where(IsVague));
        var root = Repository.Parse("""public class A; /** <summary>Is.</summary> */ public class B; internal class D; /// <summary></summary>""" + "\npublic class F;\n/// <summary>\n/// <c>Code</c> first.\n/// </summary>\n/// <inheritdoc/>\npublic record G;");
        Assert.Equal(["A", "F"], PublicTypes(root).Where(type => !HasSummary(type)).Select(type => type.Identifier.Text));
        var sql = Repository.Parse("""class C { string a = "SELECT x FROM y", b = $"insert into {a}", c = "Select a topic", d = "DELETE is HTTP's", e = "delete from t"; }""");
        Assert.Equal(["SELECT x FROM y", "insert into ", "delete from t"], SqlIn(sql).Select(token => token.ValueText));
    }

    private static IEnumerable<BaseTypeDeclarationSyntax> PublicTypes(SyntaxNode root) => root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        .Where(type => type.Parent is not BaseTypeDeclarationSyntax && type.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static bool HasSummary(BaseTypeDeclarationSyntax type) =>
        type.GetLeadingTrivia().Select(trivia => trivia.GetStructure()).OfType<DocumentationCommentTriviaSyntax>().SelectMany(comment => comment.Content).Any(Says);

    private static bool Says(XmlNodeSyntax node) => node switch
    {
        XmlEmptyElementSyntax empty => empty.Name.ToString() == "inheritdoc",
        XmlElementSyntax element => element.StartTag.Name.ToString() == "summary" && element.Content.ToString().Any(char.IsLetter),
        _ => false,
    };

    private static string FullName(BaseTypeDeclarationSyntax type)
    {
        var space = type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();
        return string.Join('.', type.AncestorsAndSelf().OfType<BaseTypeDeclarationSyntax>().Select(each => each.Identifier.Text + (each as TypeDeclarationSyntax)?.TypeParameterList).Append(space ?? "").Reverse());
    }

    private static bool IsVague(string name) => VagueName().IsMatch(name);

    private static IEnumerable<SyntaxToken> SqlIn(SyntaxNode root) => root.DescendantTokens()
        .Where(token => token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            or SyntaxKind.Utf8StringLiteralToken or SyntaxKind.InterpolatedStringTextToken && SqlStatement().IsMatch(token.ValueText));

    private static bool IsText(string file) => Path.GetExtension(file) is not (".png" or ".ico" or ".jpg" or ".gif" or ".woff2" or ".snk" or ".gz" or ".db");

    [GeneratedRegex(@"(^|[a-z0-9])(Manager|Helpers?|Utils?|Utility|Utilities|Common|Misc)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^\s*(SELECT\s[\s\S]*\sFROM\s|SELECT\s+\S+\s*\(|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(CREATE|DROP|ALTER)\s+(\w+\s+){0,3}(TABLE|INDEX|TRIGGER|FUNCTION|VIEW)\s)", RegexOptions.IgnoreCase)]
    private static partial Regex SqlStatement();
}
