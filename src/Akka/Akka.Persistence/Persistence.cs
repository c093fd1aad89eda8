using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence;

/// <summary>The extension's id: <c>Persistence.Instance.Apply(system)</c>.</summary>
public sealed class Persistence : ExtensionIdProvider<PersistenceExtension>
{
    public static Persistence Instance { get; } = new();

    public override PersistenceExtension CreateExtension(ExtendedActorSystem system) => new(system);

    public static Config DefaultConfig() => Defaults.Value;

    private static readonly Lazy<Config> Defaults = new(() =>
    {
        using var stream = typeof(Persistence).Assembly.GetManifestResourceStream("Akka.Persistence.persistence.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    });
}

/// <summary>Starts journals and snapshot stores, one actor each for a configuration path, when they are first asked for.</summary>
public sealed class PersistenceExtension : IExtension
{
    private const string JournalFallback = "akka.persistence.journal-plugin-fallback";
    private const string SnapshotFallback = "akka.persistence.snapshot-store-plugin-fallback";

    private readonly ExtendedActorSystem _system;
    private readonly Config _config;
    private readonly ConcurrentDictionary<string, Lazy<Plugin>> _plugins = new();
    private readonly Lazy<IActorRef> _permitter;

    public PersistenceExtension(ExtendedActorSystem system)
    {
        _system = system;
        _system.Settings.InjectTopLevelFallback(Persistence.DefaultConfig());
        _config = _system.Settings.Config.GetConfig("akka.persistence");
        var permits = _config.GetInt("max-concurrent-recoveries");
        if (permits < 1) throw new ConfigurationException("akka.persistence.max-concurrent-recoveries must be at least 1.");
        _permitter = new Lazy<IActorRef>(() => _system.SystemActorOf(Akka.Persistence.RecoveryPermitter.Props(permits), "recoveryPermitter"));
    }

    internal IActorRef RecoveryPermitter => _permitter.Value;

    /// <summary>The journal at a configuration path; empty means <c>akka.persistence.journal.plugin</c>.</summary>
    public IActorRef JournalFor(string? journalPluginId) =>
        PluginFor(string.IsNullOrEmpty(journalPluginId) ? Default("journal.plugin") : journalPluginId, JournalFallback).Actor;

    /// <summary>The snapshot store at a configuration path; empty means <c>akka.persistence.snapshot-store.plugin</c>, or none.</summary>
    public IActorRef SnapshotStoreFor(string? snapshotPluginId)
    {
        var id = string.IsNullOrEmpty(snapshotPluginId) ? _config.GetString("snapshot-store.plugin") : snapshotPluginId;
        return PluginFor(string.IsNullOrEmpty(id) ? "akka.persistence.snapshot-store.no-snapshot-store" : id, SnapshotFallback).Actor;
    }

    public string PersistenceId(IActorRef actor) => actor.Path.ToStringWithoutAddress();

    /// <summary>Configuration of the plugin whose actor this is: actors of plugins are named by their path.</summary>
    internal Config ConfigFor(IActorRef plugin) =>
        _plugins.TryGetValue(plugin.Path.Name, out var known) ? known.Value.Config : throw new ArgumentException($"Unknown plugin actor {plugin}");

    private string Default(string key) =>
        _config.GetString(key) is { Length: > 0 } id ? id : throw new ConfigurationException($"akka.persistence.{key} is not configured.");

    private Plugin PluginFor(string path, string fallback) =>
        _plugins.GetOrAdd(path, p => new Lazy<Plugin>(() => Start(p, fallback))).Value;

    private Plugin Start(string path, string fallback)
    {
        if (!_system.Settings.Config.HasPath(path))
            throw new ConfigurationException($"Persistence config is missing plugin config path for: {path}");
        var config = _system.Settings.Config.GetConfig(path).WithFallback(_system.Settings.Config.GetConfig(fallback));
        var name = config.GetString("class");
        if (string.IsNullOrEmpty(name)) throw new ConfigurationException($"Plugin class name must be defined in config property [{path}.class].");
        var type = Type.GetType(name, throwOnError: false) ?? throw new ConfigurationException($"{path}.class: there is no type [{name}].");
        var props = type.GetConstructor([typeof(Config)]) is null ? Props.Create(type) : Props.Create(type, config);
        return new Plugin(path, config, _system, props.WithDispatcher(config.GetString("plugin-dispatcher")));
    }

    /// <summary>The actor starts in its own time, and reads its configuration by its name; hence the two steps.</summary>
    private sealed class Plugin(string path, Config config, ExtendedActorSystem system, Props props)
    {
        private readonly Lazy<IActorRef> _actor = new(() => system.SystemActorOf(props, path));

        public Config Config { get; } = config;

        public IActorRef Actor => _actor.Value;
    }
}
