using System.Globalization;

namespace Akka.Remote.TestKit;

/// <summary>The <c>multinode.*</c> properties on the command line of a spec's node: <c>-Dmultinode.index=1</c>.</summary>
internal static class MultiNodeProperties
{
    internal const string MaxNodes = "multinode.max-nodes";
    internal const string Host = "multinode.host";
    internal const string Port = "multinode.port";
    internal const string ServerHost = "multinode.server-host";
    internal const string ServerPort = "multinode.server-port";
    internal const string Index = "multinode.index";
    internal const string TestAssembly = "multinode.test-assembly";
    internal const string TestClass = "multinode.test-class";
    internal const string TestMethod = "multinode.test-method";

    private static readonly Lazy<Dictionary<string, string>> Values = new(() => Parse(Environment.GetCommandLineArgs()));

    internal static Dictionary<string, string> Parse(IEnumerable<string> arguments)
    {
        var values = new Dictionary<string, string>();
        foreach (var argument in arguments)
        {
            var text = argument.StartsWith("-D", StringComparison.Ordinal) ? argument[2..] : argument;
            var at = text.IndexOf('=');
            if (at > 0 && text.StartsWith("multinode.", StringComparison.Ordinal)) values[text[..at]] = text[(at + 1)..];
        }
        return values;
    }

    internal static string Argument(string name, object value) => string.Create(CultureInfo.InvariantCulture, $"-D{name}={value}");

    internal static string Text(string name) =>
        Values.Value.TryGetValue(name, out var value) ? value : throw new InvalidOperationException($"{name} is not on the command line: multi-node specs are started by the test adapter");

    internal static int Number(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);
}
