using System.Reflection;
using System.Runtime.Loader;
using Akka.Remote.TestKit;

namespace Akka.MultiNode.TestAdapter;

/// <summary>A node's process: makes the spec, which connects to the others, and runs the one method.</summary>
internal static class Program
{
    private const int Orphaned = 3;

    private static async Task<int> Main()
    {
        var watch = new Thread(EndWithParent) { IsBackground = true, Name = "end with the test run" };
        watch.Start();
        try
        {
            await Run().ConfigureAwait(false);
            return 0;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e is TargetInvocationException { InnerException: { } inner } ? inner : e);
            return 1;
        }
    }

    private static async Task Run()
    {
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(MultiNodeProperties.Text(MultiNodeProperties.TestAssembly));
        var type = assembly.GetType(MultiNodeProperties.Text(MultiNodeProperties.TestClass), throwOnError: true)!;
        var name = MultiNodeProperties.Text(MultiNodeProperties.TestMethod);
        var method = type.GetMethod(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance) ?? throw new MissingMethodException(type.FullName, name);
        var spec = Activator.CreateInstance(type)!;
        try
        {
            // The spec's thread keeps the implicit sender that its constructor set: its own tasks resume where they want.
            if (method.Invoke(spec, null) is Task task) await task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e is TargetInvocationException { InnerException: { } inner } ? inner : e);
            // The others must not wait for this node's goodbye, and it must not wait for theirs.
            Environment.Exit(1);
        }
        (spec as IDisposable)?.Dispose();
    }

    // The test run holds the other end of standard input.
    private static void EndWithParent()
    {
        while (Console.In.Read() >= 0) { }
        Environment.Exit(Orphaned);
    }
}
