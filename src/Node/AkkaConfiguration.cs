using System.Text;
using Actors.Hocon;
using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Actors.Node;

/// <summary>The actor system's configuration: resolved by our reader, handed over as plain text, with the embedded database filled in where no other is named.</summary>
internal static class AkkaConfiguration
{
    private static readonly string[] Plugins = ["akka.persistence.journal.sql", "akka.persistence.snapshot-store.sql", "akka.persistence.query.journal.sql"];

    /// <param name="akka">The settings under <c>akka</c>.</param>
    /// <param name="dataDirectory">Where the embedded file is.</param>
    /// <param name="storage">What the journal is kept in, for people: <c>SQLite</c> or <c>PostgreSQL</c>.</param>
    public static Config Of(HoconObject akka, string dataDirectory, out string storage)
    {
        var text = new StringBuilder("akka ").AppendLine(HoconPrinter.ToPlain(akka));
        foreach (var plugin in Plugins)
            if (akka.Find(plugin["akka.".Length..] + ".connection-string") is not HoconScalar { Text.Length: > 0 })
                text.Append(plugin).Append(".connection-string = ").AppendLine(Quoted($"Data Source={Path.Combine(dataDirectory, "actors.db")}"));
        storage = akka.Find("persistence.journal.sql.provider-name") is HoconScalar scalar && scalar.Text.StartsWith("PostgreSQL", StringComparison.Ordinal) ? "PostgreSQL" : "SQLite";
        return ConfigurationFactory.ParseString(text.ToString()).WithFallback(SqlPersistence.DefaultConfiguration);
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
