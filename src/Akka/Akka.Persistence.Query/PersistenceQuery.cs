using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Query;

/// <summary>The extension that makes read journals, one for a configuration path.</summary>
public sealed class PersistenceQuery(ExtendedActorSystem system) : IExtension
{
    private readonly ConcurrentDictionary<string, Lazy<IReadJournal>> _journals = new();

    public static PersistenceQuery Get(ActorSystem system) => system.WithExtension<PersistenceQuery, PersistenceQueryProvider>();

    /// <summary>The read journal at a configuration path, as its own type.</summary>
    public TJournal ReadJournalFor<TJournal>(string readJournalPluginId)
        where TJournal : IReadJournal =>
        (TJournal)_journals.GetOrAdd(readJournalPluginId, id => new Lazy<IReadJournal>(() => Create(id))).Value;

    private IReadJournal Create(string path)
    {
        if (!system.Settings.Config.HasPath(path)) throw new ConfigurationException($"HOCON config is missing persistence read journal plugin config path: '{path}'");
        var config = system.Settings.Config.GetConfig(path);
        var name = config.GetString("class");
        var type = Type.GetType(name ?? string.Empty, throwOnError: false) ?? throw new ConfigurationException($"{path}.class: there is no type [{name}].");
        object?[] arguments = type.GetConstructor([typeof(ExtendedActorSystem), typeof(Config)]) is not null ? [system, config] : [];
        return ((IReadJournalProvider)Activator.CreateInstance(type, arguments)!).GetReadJournal();
    }
}

/// <summary>The extension's id.</summary>
public sealed class PersistenceQueryProvider : ExtensionIdProvider<PersistenceQuery>
{
    public override PersistenceQuery CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary>Shorthand for <see cref="PersistenceQuery"/>.</summary>
public static class PersistenceQueryExtensions
{
    public static TJournal ReadJournalFor<TJournal>(this ActorSystem system, string readJournalPluginId)
        where TJournal : IReadJournal =>
        PersistenceQuery.Get(system).ReadJournalFor<TJournal>(readJournalPluginId);
}
