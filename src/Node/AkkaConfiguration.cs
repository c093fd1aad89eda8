using System.Globalization;
using System.Text;
using Actors.Hocon;
using Actors.Node.Logs;
using Actors.Ownership;
using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Actors.Node;

/// <summary>The actor system's configuration: resolved by our reader, handed over as plain text, with what depends on this start of the node filled in.</summary>
internal static class AkkaConfiguration
{
    private static readonly string[] Plugins = ["akka.persistence.journal.sql", "akka.persistence.snapshot-store.sql", "akka.persistence.query.journal.sql"];

    /// <param name="settings">The node's; those under <c>akka</c> are the text.</param>
    /// <param name="dataDirectory">Where the embedded file is, for plugins that name no other database.</param>
    /// <param name="node">This start of the node, whose name its database sessions bear.</param>
    /// <param name="storage">What the journal is kept in, for people: <c>SQLite</c> or <c>PostgreSQL</c>.</param>
    public static Config Of(NodeSettings settings, string dataDirectory, NodeIdentity node, out string storage)
    {
        var akka = settings.Akka;
        var text = new StringBuilder("akka ").AppendLine(HoconPrinter.ToPlain(akka));
        foreach (var plugin in Plugins)
            Set(plugin + ".connection-string", Database(akka, plugin, dataDirectory).For(node).ConnectionString);
        if (settings.Broker.IsClustered)
        {
            Set("akka.remote.dot-netty.tcp.hostname", settings.Cluster.Remote.Host);
            Set("akka.remote.dot-netty.tcp.port", settings.Cluster.Remote.Port.ToString(CultureInfo.InvariantCulture));
            text.Append("akka.cluster.roles = [").AppendJoin(',', settings.Cluster.Roles.Select(Quoted)).AppendLine("]");
        }
        if (settings.Observability.LogFormat == LogFormat.Json)
            text.Append("akka.loggers = [").Append(Quoted($"{typeof(JsonLogger).FullName}, {typeof(JsonLogger).Assembly.GetName().Name}")).AppendLine("]");
        storage = akka.Find("persistence.journal.sql.provider-name") is HoconScalar scalar && scalar.Text.StartsWith("PostgreSQL", StringComparison.Ordinal) ? "PostgreSQL" : "SQLite";
        return ConfigurationFactory.ParseString(text.ToString()).WithFallback(SqlPersistence.DefaultConfiguration);

        void Set(string key, string value) => text.Append(key).Append(" = ").AppendLine(Quoted(value));
    }

    /// <summary>The journal's database as the settings name it.</summary>
    public static JournalDatabase Journal(NodeSettings settings, string dataDirectory) => Database(settings.Akka, Plugins[0], dataDirectory);

    /// <summary>Makes the directories of the embedded files that the plugins name, as the node's own is made.</summary>
    /// <exception cref="HoconException">One cannot be made.</exception>
    public static void CreateDirectories(NodeSettings settings, string dataDirectory)
    {
        foreach (var plugin in Plugins)
            try
            {
                Database(settings.Akka, plugin, dataDirectory).CreateDirectory();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                var named = settings.Akka.Find(plugin["akka.".Length..] + ".connection-string");
                throw new HoconException(named?.Position ?? settings.Akka.Position, plugin + ".connection-string", e.Message);
            }
    }

    private static JournalDatabase Database(HoconObject akka, string plugin, string dataDirectory)
    {
        var path = plugin["akka.".Length..];
        var provider = akka.Find(path + ".provider-name") is HoconScalar named ? named.Text : "SQLite.MS";
        var connection = akka.Find(path + ".connection-string") is HoconScalar { Text: { Length: > 0 } given } ? given : $"Data Source={Path.Combine(dataDirectory, "actors.db")}";
        return new JournalDatabase(provider, connection);
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
