using System.Reflection;
using System.Runtime.Loader;
using Akka.Remote.TestKit;

namespace Akka.MultiNode.TestAdapter;

/// <summary>A node's process: makes the spec, which connects to the others, and runs the one method.</summary>
internal static class Program
{
    /// <summary>The spec failed at a barrier: some other node is to blame.</summary>
    internal const int FailedAtBarrier = 2;

    private const int Failed = 1;
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
            return Report(e);
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
            // The others must not wait for this node's goodbye, and it must not wait for theirs.
            Environment.Exit(Report(e));
        }
        (spec as IDisposable)?.Dispose();
    }

    private static int Report(Exception exception)
    {
        var cause = exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
        Console.Error.WriteLine(cause);
        return cause is BarrierFailedException ? FailedAtBarrier : Failed;
    }

    // The test run holds the other end of standard input.
    private static void EndWithParent()
    {
        while (Console.In.Read() >= 0) { }
        Environment.Exit(Orphaned);
    }
}
