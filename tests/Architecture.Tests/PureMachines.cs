namespace Actors.Architecture.Tests;

/// <summary>Decisions are pure: in Machines time and randomness are arguments, and nothing reaches outside.</summary>
public sealed class PureMachines
{
    /// <summary>Types a machine has no business with.</summary>
    private static readonly HashSet<string> BannedTypes =
    [
        "Stopwatch", "Task", "ValueTask", "Thread", "ThreadPool", "Timer", "PeriodicTimer", "TimeProvider", "Monitor", "Interlocked", "SemaphoreSlim", "ThreadLocal", "AsyncLocal",
        "File", "FileInfo", "FileStream", "Directory", "DirectoryInfo", "Path", "Stream", "Console", "Environment", "Process", "Socket", "HttpClient", "RandomNumberGenerator", "CancellationToken",
    ];

    /// <summary>Members that read a clock or make chance.</summary>
    private static readonly HashSet<string> BannedMembers =
    [
        "DateTime.UtcNow", "DateTime.Now", "DateTime.Today", "DateTimeOffset.UtcNow", "DateTimeOffset.Now", "Random.Shared", "Guid.NewGuid", "Guid.CreateVersion7", "RuntimeHelpers.GetHashCode",
    ];

    [Fact]
    public void Machines_read_no_clock_make_no_chance_and_reach_nothing_outside()
    {
        var files = Repository.CSharpFiles.Where(file => file.StartsWith("src/Machines/", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(files);
        Rule.Holds(files.SelectMany(file => Breaches(Repository.Syntax(file)).Select(breach => $"{Repository.At(file, breach)}: {breach}")));
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = System.DateTime.UtcNow;")]
    [InlineData("Task.Run(() => 1);")]
    [InlineData("var r = new Random();")]
    [InlineData("Random r = new(5);")]
    [InlineData("var r = Random.Shared.Next();")]
    [InlineData("var id = Guid.NewGuid();")]
    [InlineData("System.IO.File.Delete(\"x\");")]
    [InlineData("var name = Environment.MachineName;")]
    [InlineData("Stopwatch watch = Stopwatch.StartNew();")]
    [InlineData("async void F() { }")]
    public void The_rule_sees(string statement) => Assert.NotEmpty(Breaches(Repository.Parse($"class C {{ void M() {{ {statement} }} }}")));

    [Theory]
    [InlineData("// DateTime.UtcNow is banned")]
    [InlineData("var text = \"Task.Run\";")]
    [InlineData("int Draw(Random random) => random.Next();")]
    [InlineData("var reached = state.Task;")]
    public void The_rule_lets_pass(string statement) => Assert.Empty(Breaches(Repository.Parse($"class C {{ void M() {{ {statement} }} }}")));

    private static IEnumerable<SyntaxNodeOrToken> Breaches(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodes())
        {
            switch (node)
            {
                case MemberAccessExpressionSyntax member when BannedMembers.Contains($"{LastName(member.Expression)}.{member.Name.Identifier.Text}"): yield return member; break;
                case SimpleNameSyntax name when BannedTypes.Contains(name.Identifier.Text) && NamesAType(name): yield return name; break;
                case ObjectCreationExpressionSyntax { Type: SimpleNameSyntax { Identifier.Text: "Random" } } creation: yield return creation; break;
                case ImplicitObjectCreationExpressionSyntax { Parent.Parent.Parent: VariableDeclarationSyntax { Type: SimpleNameSyntax { Identifier.Text: "Random" } } } creation: yield return creation; break;
                default: break;
            }
        }
        foreach (var token in root.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.AsyncKeyword) || token.IsKind(SyntaxKind.AwaitKeyword) || token.IsKind(SyntaxKind.LockKeyword)) yield return token;
        }
    }

    /// <summary>Whether the name stands for a type or begins a member access, rather than being a member's own name.</summary>
    private static bool NamesAType(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax member => member.Expression == name || IsNamespace(member.Expression),
        MemberBindingExpressionSyntax or NameColonSyntax or NameEqualsSyntax => false,
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } assignment => assignment.Left != name,
        _ => true,
    };

    private static bool IsNamespace(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => name.Identifier.Text == "System",
        MemberAccessExpressionSyntax member => IsNamespace(member.Expression),
        _ => false,
    };

    private static string LastName(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
        _ => "",
    };
}
