using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Akka.Remote.TestKit;

namespace Akka.MultiNode.TestAdapter;

/// <summary>What the nodes printed, and what went wrong, if anything did.</summary>
internal sealed record NodesOutcome(string Output, string? Failure);

/// <summary>Runs a spec's method: one process a role, each beside the spec's assembly with its dependencies.</summary>
internal static class NodeProcesses
{
    // A node that waits for a lost one fails soon after it; this long its own message is waited for.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(20);

    internal static async Task<NodesOutcome> Run(MethodInfo method, Type spec, TimeSpan limit, CancellationToken cancel)
    {
        var roles = RolesOf(spec);
        var server = FreePort();
        var nodes = roles.Select((role, index) => new NodeProcess(role, Arguments(method, spec, roles.Count, server, index))).ToList();
        var timedOut = false;
        try
        {
            foreach (var node in nodes) node.Start();
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            time.CancelAfter(limit);
            var all = Task.WhenAll(nodes.Select(node => Watch(node, time)));
            try { await all.ConfigureAwait(false); }
            catch (OperationCanceledException) { timedOut = !nodes.Any(node => node.HasFailed); }
        }
        finally
        {
            foreach (var node in nodes) await node.End().ConfigureAwait(false);
        }
        return Outcome(nodes, timedOut, limit);
    }

    private static async Task Watch(NodeProcess node, CancellationTokenSource time)
    {
        await node.Ended(time.Token).ConfigureAwait(false);
        if (node.HasFailed) time.CancelAfter(AfterFailure);
    }

    private static NodesOutcome Outcome(List<NodeProcess> nodes, bool timedOut, TimeSpan limit)
    {
        var output = new StringBuilder();
        foreach (var node in nodes) output.Append("---- ").Append(node.Role).Append(": ").AppendLine(node.State).Append(node.Output);
        var failed = nodes.Where(node => node.HasFailed).OrderBy(node => node.HasFailedAtBarrier).ThenBy(node => node.EndedAt).ToList();
        if (failed.Count == 0 && !timedOut) return new NodesOutcome(output.ToString(), null);
        var failure = new StringBuilder();
        var running = string.Join(", ", nodes.Where(node => node.EndedAt is null).Select(node => node.Role));
        if (timedOut) failure.AppendLine($"not all nodes ended within {limit}: still running were {running}");
        foreach (var node in timedOut ? nodes : failed) failure.Append("node [").Append(node.Role).Append("] ").AppendLine(node.State).Append(node.Output);
        return new NodesOutcome(output.ToString(), failure.ToString());
    }

    /// <summary>The roles of the configuration that one of the spec's constructors, or of its bases', takes.</summary>
    internal static IReadOnlyList<string> RolesOf(Type spec)
    {
        for (var type = spec; type is not null && type != typeof(MultiNodeSpec); type = type.BaseType)
        {
            foreach (var constructor in type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            {
                var config = constructor.GetParameters()
                    .Select(parameter => parameter.ParameterType)
                    .FirstOrDefault(type => type.IsSubclassOf(typeof(MultiNodeConfig)) && !type.IsAbstract);
                if (config is not null) return [.. ((MultiNodeConfig)Activator.CreateInstance(config, nonPublic: true)!).Roles.Select(role => role.Name)];
            }
        }
        throw new InvalidOperationException($"{spec} has no constructor with a MultiNodeConfig of its own, as in: protected {spec.Name}({spec.Name}Config config)");
    }

    private static List<string> Arguments(MethodInfo method, Type spec, int count, int server, int index)
    {
        var assembly = spec.Assembly.Location;
        return
        [
            "exec",
            "--depsfile", Path.ChangeExtension(assembly, ".deps.json"),
            "--runtimeconfig", Path.ChangeExtension(assembly, ".runtimeconfig.json"),
            Path.Combine(Path.GetDirectoryName(assembly)!, "Akka.MultiNode.TestAdapter.dll"),
            MultiNodeProperties.Argument(MultiNodeProperties.MaxNodes, count),
            MultiNodeProperties.Argument(MultiNodeProperties.Host, IPAddress.Loopback),
            MultiNodeProperties.Argument(MultiNodeProperties.Port, 0),
            MultiNodeProperties.Argument(MultiNodeProperties.ServerHost, IPAddress.Loopback),
            MultiNodeProperties.Argument(MultiNodeProperties.ServerPort, server),
            MultiNodeProperties.Argument(MultiNodeProperties.Index, index),
            MultiNodeProperties.Argument(MultiNodeProperties.TestAssembly, assembly),
            MultiNodeProperties.Argument(MultiNodeProperties.TestClass, spec.FullName!),
            MultiNodeProperties.Argument(MultiNodeProperties.TestMethod, method.Name),
        ];
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
