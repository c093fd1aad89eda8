using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>The dispatchers that configuration names.</summary>
public sealed class Dispatchers
{
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";

    public const string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";

    internal const string InternalDispatcherId = "akka.actor.internal-dispatcher";

    private const int MaxAliases = 20;

    private readonly ConcurrentDictionary<string, Lazy<MessageDispatcherConfigurator>> _configurators = new();
    private readonly ActorSystem _system;

    public Dispatchers(ActorSystem system, IDispatcherPrerequisites prerequisites, ILoggingAdapter logger)
    {
        _ = logger;
        _system = system;
        Prerequisites = prerequisites;
    }

    public IDispatcherPrerequisites Prerequisites { get; }

    public Config DefaultDispatcherConfig => GetConfig(_system.Settings.Config, DefaultDispatcherId);

    public MessageDispatcher DefaultGlobalDispatcher => Lookup(DefaultDispatcherId);

    public MessageDispatcher Lookup(string dispatcherName) => ConfiguratorOf(dispatcherName is { Length: > 0 } ? dispatcherName : DefaultDispatcherId).Dispatcher();

    public bool HasDispatcher(string id) => _configurators.ContainsKey(id) || _system.Settings.Config.HasPath(id);

    public bool RegisterConfigurator(string id, MessageDispatcherConfigurator configurator) =>
        _configurators.TryAdd(id, new Lazy<MessageDispatcherConfigurator>(() => configurator));

    /// <summary>The section of a dispatcher; a string in its place names another section.</summary>
    public static Config GetConfig(Config config, string id, int depth = 0)
    {
        if (depth > MaxAliases) throw new ConfigurationException($"Could not find a dispatcher behind [{id}]: more than {MaxAliases} aliases");
        var value = config.GetValue(id) ?? throw new ConfigurationException($"Dispatcher [{id}] not configured.");
        if (value.IsString()) return GetConfig(config, value.GetString(), depth + 1);
        return ConfigurationFactory.ParseString($"id = \"{id}\"").WithFallback(value.ToConfig());
    }

    private MessageDispatcherConfigurator ConfiguratorOf(string id)
    {
        if (_system.Settings.Config.GetValue(id) is { } value && value.IsString()) return ConfiguratorOf(GetConfig(_system.Settings.Config, id).GetString("id"));
        return _configurators.GetOrAdd(id, key => new Lazy<MessageDispatcherConfigurator>(() => Create(GetConfig(_system.Settings.Config, key)))).Value;
    }

    private MessageDispatcherConfigurator Create(Config config)
    {
        var id = config.GetString("id");
        // An explicit type stands above the default section, as in Akka.NET.
        if (id != DefaultDispatcherId) config = config.WithFallback(ConfigurationFactory.ParseString("throughput = 30"));
        var type = config.GetString("type") ?? "Dispatcher";
        switch (type)
        {
            case "Dispatcher" or "TaskDispatcher": return new ConfiguredDispatcher(config, Prerequisites, ThreadsOfExecutor);
            case "ForkJoinDispatcher": return new ConfiguredDispatcher(config, Prerequisites, c => Math.Max(1, c.GetInt("dedicated-thread-pool.thread-count", Environment.ProcessorCount)));
            case "PinnedDispatcher": return new PinnedDispatcherConfigurator(config, Prerequisites);
            default:
                var found = Type.GetType(type) ?? throw new ConfigurationException($"Could not resolve dispatcher type [{type}] for path [{id}]. type is null");
                return (MessageDispatcherConfigurator)Activator.CreateInstance(found, config, Prerequisites);
        }
    }

    private static int ThreadsOfExecutor(Config config) =>
        config.GetString("executor") == "fork-join-executor" && config.HasPath("dedicated-thread-pool.thread-count") ? Math.Max(1, config.GetInt("dedicated-thread-pool.thread-count")) : 0;

    internal void Shutdown()
    {
        foreach (var configurator in _configurators.Values.Where(c => c.IsValueCreated).Select(c => c.Value))
        {
            if (configurator is PinnedDispatcherConfigurator pinned) pinned.Shutdown();
            else configurator.Dispatcher().ShutdownNow();
        }
    }
}
