using System.Collections.Immutable;
using Akka.Configuration;

namespace Akka.Remote.TestKit;

/// <summary>The roles of a multi-node spec and their configuration: made anew, in the same order, by every node.</summary>
public abstract class MultiNodeConfig
{
    private readonly List<RoleName> _roles = [];
    private readonly Dictionary<RoleName, Config> _nodeConfigs = [];
    private Config? _commonConfig;

    /// <summary>All roles in the order of their making; the first one's node runs the conductor.</summary>
    public ImmutableList<RoleName> Roles => [.. _roles];

    /// <summary>The role of the node of this process.</summary>
    public RoleName Myself => _roles[MultiNodeSpec.SelfIndex];

    /// <summary>What all nodes have.</summary>
    public Config CommonConfig
    {
        get => _commonConfig ?? Config.Empty;
        set => _commonConfig = value;
    }

    /// <summary>Whether links can be cut.</summary>
    public bool TestTransport { get; set; }

    /// <summary>Makes a role. Each names one node.</summary>
    public RoleName Role(string name)
    {
        if (_roles.Any(r => r.Name == name)) throw new ArgumentException("non-unique role name " + name, nameof(name));
        var role = new RoleName(name);
        _roles.Add(role);
        return role;
    }

    /// <summary>What some nodes have above the common.</summary>
    public void NodeConfig(IEnumerable<RoleName> roles, IEnumerable<Config> configs)
    {
        var config = configs.Aggregate((first, next) => first.WithFallback(next));
        foreach (var role in roles) _nodeConfigs[role] = config;
    }

    /// <summary>Logs what happens in remoting, where <paramref name="on"/>.</summary>
    public Config DebugConfig(bool on) => on
        ? ConfigurationFactory.ParseString("""
            akka.loglevel = DEBUG
            akka.remote.log-remote-lifecycle-events = on
            akka.actor.debug { lifecycle = on }
            """)
        : Config.Empty;

    internal Config ConfigOfThisNode()
    {
        // A configuration, the empty one too, is no fallback of its own.
        var own = _nodeConfigs.TryGetValue(Myself, out var config) ? config.WithFallback(CommonConfig) : CommonConfig;
        return own.WithFallback(MultiNodeSpec.NodeConfig).WithFallback(MultiNodeSpec.BaseConfig);
    }
}
