using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence.Sql.PostgreSql;
using Akka.Persistence.Sql.Sqlite;
using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql;

/// <summary>The plugin's extension: its defaults, and the stores that the plugins of one actor system share.</summary>
public sealed class SqlPersistence : IExtension
{
    private static readonly Lazy<Config> Defaults = new(() =>
    {
        using var stream = typeof(SqlPersistence).Assembly.GetManifestResourceStream("Akka.Persistence.Sql.persistence.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    });

    private readonly ConcurrentDictionary<(string Provider, string ConnectionString), Lazy<SqlStore>> _stores = new();
    private readonly ExtendedActorSystem _system;

    internal SqlPersistence(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(DefaultConfiguration);
        system.RegisterOnTermination(() =>
        {
            foreach (var store in _stores.Values) store.Value.Dispose();
        });
    }

    public static Config DefaultConfiguration => Defaults.Value;

    public static SqlPersistence Get(ActorSystem system) => system.WithExtension<SqlPersistence, SqlPersistenceProvider>();

    /// <summary>The store that a plugin's configuration names; what it leaves out, as the writer's settings, is the journal's.</summary>
    internal SqlStore StoreFor(Config plugin)
    {
        var config = plugin.WithFallback(_system.Settings.Config.GetConfig("akka.persistence.journal.sql"));
        var settings = new StoreSettings(
            Required(config, "connection-string"),
            config.GetBoolean("auto-initialize", true),
            config.GetByteSize("group-commit-bytes") ?? 4 << 20,
            config.GetInt("buffer-size", 5000),
            Enum.TryParse<Synchronous>(config.GetString("synchronous", "NORMAL"), ignoreCase: true, out var synchronous)
                ? synchronous
                : throw new ConfigurationException("synchronous must be NORMAL or FULL."),
            config.GetInt("max-page-count"));
        var provider = Required(config, "provider-name");
        return _stores.GetOrAdd((provider, settings.ConnectionString), _ => new Lazy<SqlStore>(() => Open(provider, settings))).Value;
    }

    private static string Required(Config config, string key) =>
        config.GetString(key) is { Length: > 0 } value ? value : throw new ConfigurationException($"{key} of the SQL plugin is not configured.");

    private SqlStore Open(string provider, StoreSettings settings)
    {
        void Warn(Exception cause, string what) => _system.Log.Error(cause, what);
        SqlStore store = provider switch
        {
            _ when provider.StartsWith("SQLite", StringComparison.Ordinal) => SqliteStore.Open(settings, Warn),
            _ when provider.StartsWith("PostgreSQL", StringComparison.Ordinal) => PostgresStore.Open(settings, Warn),
            _ => throw new ConfigurationException($"provider-name = {provider}: this stand-in has SQLite.MS and PostgreSQL.15."),
        };
        store.Start();
        return store;
    }
}

internal sealed class SqlPersistenceProvider : ExtensionIdProvider<SqlPersistence>
{
    public override SqlPersistence CreateExtension(ExtendedActorSystem system) => new(system);
}
