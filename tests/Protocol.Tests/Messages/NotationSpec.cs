using System.Collections.Immutable;
using Actors.Protocol.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Actors.Protocol.Tests.Messages;

/// <summary>What the generator makes of definitions, right and wrong ones.</summary>
public class NotationSpec
{
    [Theory]
    [InlineData("request A key 1 versions 0+\n  Name text 0+", 2, "'text' is no type and no structure of A.")]
    [InlineData("request A key 1 versions 0+\n  Name string", 2, "A field is its name, its type and its versions.")]
    [InlineData("request A key 1 versions 0+\n  Name string 3-2", 2, "A range of versions is missing after 'string'.")]
    [InlineData("request A key 1 versions 0+\n  Name string 0+ nulable", 2, "'nulable' says nothing about a field.")]
    [InlineData("request A key 1 versions 0+\n\n    Name string 0+", 3, "An indentation of 4 has no structure above it.")]
    [InlineData("request A key 1 versions 0+\n  Name string 0+\n    Inner string 0+", 3, "Inner is indented below a field that has no fields.")]
    [InlineData("request A key 1 flexible 3+", 1, "A message has versions.")]
    [InlineData("question A key 1 versions 0+", 1, "A message begins with request, response, header or data, and its name.")]
    public void A_wrong_line_is_told_with_its_number(string text, int line, string message)
    {
        var diagnostic = Assert.Single(Run(text).Diagnostics);
        Assert.Equal(message, diagnostic.GetMessage());
        Assert.Equal(("Test.messages", line), (diagnostic.Location.GetLineSpan().Path, diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1));
    }

    [Fact]
    public void A_right_file_becomes_a_source_a_message_and_the_table()
    {
        var result = Run("# facts\nrequest ARequest key 1 versions 0-2 flexible 2+\n| Asks.\n  B []B 1+ nullable\n    C int32 1+ default=-1\n\nresponse AResponse key 1 versions 0-2");
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["ARequest.g.cs", "AResponse.g.cs", "ApiVersionTable.g.cs"], result.Results.Single().GeneratedSources.Select(source => source.HintName));
        Assert.Contains("public sealed class BData", result.Results.Single().GeneratedSources[0].SourceText.ToString());
    }

    private static GeneratorDriverRunResult Run(string text) => CSharpGeneratorDriver.Create(new MessageGenerator())
        .AddAdditionalTexts(ImmutableArray.Create<AdditionalText>(new Definition(text)))
        .RunGenerators(CSharpCompilation.Create("Test"))
        .GetRunResult();

    private sealed class Definition(string text) : AdditionalText
    {
        public override string Path => "Test.messages";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
