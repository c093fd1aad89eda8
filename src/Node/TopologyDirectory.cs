using Actors.Client;
using Actors.Hocon;
using Actors.Node.Logs;
using Actors.Topology;
using Actors.Topology.Runtime;
using Akka.Actor;

namespace Actors.Node;

/// <summary>The <c>*.conf</c> files of <c>actors.topologies.directory</c>, deployed at start as if each had been PUT.</summary>
internal sealed class TopologyDirectory
{
    private readonly List<(string Name, string Text, string File)> _topologies = [];

    private TopologyDirectory()
    {
    }

    /// <summary>Reads and checks all files, before anything is started.</summary>
    /// <exception cref="HoconException">Everything that is wrong in any of them.</exception>
    public static TopologyDirectory Read(string? directory)
    {
        var result = new TopologyDirectory();
        if (directory is null)
            return result;
        if (!Directory.Exists(directory))
            throw new HoconException(new HoconPosition(directory, 1, 1), "actors.topologies.directory", "is no directory");
        var errors = new List<HoconError>();
        foreach (var file in Directory.GetFiles(directory, "*.conf").Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file);
            if (TopologyFile.TryRead(text, file, out var plan, out var found, refusesIncludes: true))
                result._topologies.Add((plan.Name, text, file));
            else
                errors.AddRange(found.Select(error => error.InText()));
        }
        return errors.Count == 0 ? result : throw new HoconException(errors);
    }

    /// <summary>Deploys them. Where another text lives under a name already it stays, and standard error says so; likewise where one cannot be stored now.</summary>
    /// <exception cref="HoconException">The runtime refuses one.</exception>
    public async Task DeployAsync(TopologyDeployments deployments, CancellationToken cancellation)
    {
        foreach (var (name, text, file) in _topologies)
        {
            if (await PutAsync(deployments, name, text, file, cancellation) is not { } result)
                continue;
            if (result.Outcome == PutOutcome.Invalid)
                throw new HoconException([.. result.Errors.Select(error => error.InText())]);
            if (result.Outcome == PutOutcome.Conflict)
                await NodeLog.WarningAsync($"{file}: another text is deployed as topology {name} and stays");
        }
    }

    /// <summary>Null: it could not be stored. A node that can serve is not ended for that.</summary>
    private static async Task<PutResult?> PutAsync(TopologyDeployments deployments, string name, string text, string file, CancellationToken cancellation)
    {
        try
        {
            return await deployments.PutAsync(name, text, file, cancellation);
        }
        catch (Exception error) when (error is AskTimeoutException or KafkaException)
        {
            var why = error is KafkaException ? error.Message : "the topologies' actor did not answer in time";
            await NodeLog.WarningAsync($"{file}: topology {name} may not be deployed: {why}");
            return null;
        }
    }
}
