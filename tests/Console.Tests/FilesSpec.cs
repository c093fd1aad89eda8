using System.Text;
using System.Text.RegularExpressions;
using Actors.Node.Tests;
using Xunit;

namespace Actors.WebConsole.Tests;

/// <summary>The page's files, without a browser.</summary>
public sealed class FilesSpec
{
    private static readonly string Compiler = Path.Combine(NodeUnderTest.Root, "tests/Console.Tests/node_modules/.bin/tsc");

    public sealed class CompilerFactAttribute : FactAttribute
    {
        public CompilerFactAttribute()
        {
            if (!File.Exists(Compiler) && Environment.GetEnvironmentVariable("CI") != "true")
                Skip = "TypeScript's compiler is not installed: tests/run installs it where npm is";
        }
    }

    [CompilerFact]
    public void Every_module_agrees_with_its_types() =>
        Assert.Equal("", Tool.Run("node", [Compiler, "-p", Path.Combine(NodeUnderTest.Root, "src/Console/tsconfig.json")], seconds: 120).Text);

    [Fact]
    public void The_page_needs_nothing_from_elsewhere() =>
        Assert.All(Page.Files, file => Assert.DoesNotContain("//", Regex.Replace(Text(file.Value), "http://www\\.w3\\.org/2000/svg|^\\s*//.*$", "", RegexOptions.Multiline)));

    [Fact]
    public void Whatever_a_file_names_is_there()
    {
        var named = Page.Files.Values.SelectMany(file => Regex.Matches(Text(file), "\"(?:/page/|\\./)([a-z]+\\.[a-z]+)\"").Select(match => match.Groups[1].Value)).Distinct().ToList();
        Assert.Contains("main.js", named);
        Assert.Empty(named.Except(Page.Files.Keys));
    }

    [Fact]
    public void Scripts_and_styles_come_from_files_only()
    {
        Assert.DoesNotContain("unsafe", Page.ContentSecurityPolicy);
        Assert.StartsWith("default-src 'none';", Page.ContentSecurityPolicy);
        Assert.DoesNotMatch("<script>|<style|\\sstyle=|\\son[a-z]+=", Text(Page.Files["index.html"]));
    }

    private static string Text(PageFile file) => Encoding.UTF8.GetString(file.Bytes.Span);
}
