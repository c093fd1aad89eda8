#nullable enable
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql.Sqlite;

namespace Akka.Cluster.Membership;

/// <summary>A statement by its file's name, with its parameters in order.</summary>
internal readonly record struct Statement(string Name, params object[] Arguments);

/// <summary>
/// The rows of all members of one cluster, over a connection of its own, used by one thread. After a failure <see cref="IsUnavailable"/>
/// knows, close and <see cref="Open"/> it again.
/// </summary>
internal abstract class MembershipTable(string systemName) : IDisposable
{
    protected string SystemName { get; } = systemName;

    /// <summary>The table in the database that the journal has; with SQLite in a file beside the journal's, where its writes need not wait for the journal's.</summary>
    public static MembershipTable For(Config journal, string systemName)
    {
        var provider = Required(journal, "provider-name");
        var connectionString = Required(journal, "connection-string");
        return provider switch
        {
            _ when provider.StartsWith("SQLite", StringComparison.Ordinal) => new SqliteMembershipTable(FileBeside(connectionString), systemName),
            _ when provider.StartsWith("PostgreSQL", StringComparison.Ordinal) => new PostgresMembershipTable(connectionString, systemName),
            _ => throw new ConfigurationException($"akka.persistence.journal.sql.provider-name = {provider}: this stand-in keeps members in SQLite.MS or PostgreSQL.15."),
        };
    }

    /// <summary>Whether the failure is the database's or the way's to it, and another try makes sense. An unknown host name is a bare socket error.</summary>
    public static bool IsUnavailable(Exception failure) =>
        failure is System.Data.Common.DbException or System.Net.Sockets.SocketException or IOException or TimeoutException;

    public static string FileBeside(string connectionString) => SqliteDatabase.FileOf(connectionString) + "-cluster";

    /// <summary>Connects and makes the table if there is none; does nothing while connected.</summary>
    public abstract void Open();

    /// <summary>Lets go of a connection that failed.</summary>
    public abstract void Close();

    /// <summary>Whether another connection may have changed the table since the last call; cheap.</summary>
    public abstract bool HasChanged();

    public abstract IReadOnlyList<MemberRow> Read();

    /// <summary>Runs the statements at once or not at all; gives the number of rows that the last one changed.</summary>
    protected abstract int Change(params ReadOnlySpan<Statement> statements);

    /// <summary>One statement that nobody needs to hear of.</summary>
    protected abstract int Run(Statement statement);

    /// <summary>Calls back, on any thread, when another node changed a status; for databases that can say so.</summary>
    public virtual IDisposable? Listen(Action changed) => null;

    /// <summary>Counts up; false if this node is no member any more.</summary>
    public bool Renew(UniqueAddress self) => Run(new Statement("renew", Text(self.Address), (long)self.Uid)) > 0;

    /// <summary>Makes this node a member and ends its former incarnations, which its address proves dead; false if it was one before.</summary>
    public bool Join(UniqueAddress self, ImmutableHashSet<string> roles) => Change(
        new Statement("forget-incarnations", SystemName, Text(self.Address), (long)self.Uid),
        new Statement("retire-incarnations", Text(self.Address), (long)self.Uid),
        new Statement("join", SystemName, Text(self.Address), (long)self.Uid, string.Join(',', roles.Order(StringComparer.Ordinal)))) > 0;

    /// <summary>False if somebody else was faster.</summary>
    public bool Apply(MemberChange change)
    {
        var (address, uid) = (Text(change.Node.Address), (long)change.Node.Uid);
        return Change(change switch
        {
            BringUp => new Statement("bring-up", SystemName, address, uid, change.Version),
            StartExiting => new Statement("start-exiting", address, uid, change.Version),
            Remove => new Statement("remove", address, uid, change.Version),
            DownSilent down => new Statement("down-silent", address, uid, change.Version, down.Renewals, Text(down.Decider.Address), (long)down.Decider.Uid),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "No such change"),
        }) > 0;
    }

    public bool Leave(Address address) => Change(new Statement("leave", SystemName, Text(address))) > 0;

    public bool Down(Address address) => Change(new Statement("down", SystemName, Text(address))) > 0;

    public bool ConfirmExiting(UniqueAddress self) => Change(new Statement("confirm-exiting", Text(self.Address), (long)self.Uid)) > 0;

    public virtual void Dispose() => Close();

    protected static MemberRow Row(
        string address, long uid, string roles, string status, string previousStatus, long upNumber, long renewals, long exitingConfirmed, long version) =>
        new(
            new UniqueAddress(Address.Parse(address), (int)uid),
            [.. roles.Split(',', StringSplitOptions.RemoveEmptyEntries)],
            Enum.Parse<MemberStatus>(status),
            Enum.Parse<MemberStatus>(previousStatus),
            (int)upNumber,
            renewals,
            exitingConfirmed != 0,
            version);

    private static string Text(Address address) => address.ToString();

    private static string Required(Config journal, string key) =>
        journal.GetString(key) is { Length: > 0 } value
            ? value
            : throw new ConfigurationException($"akka.persistence.journal.sql.{key} is not configured: the cluster's members stand in the journal's database.");
}

/// <summary>The statements: one a file, the dialect's own where there is one, else the one for all.</summary>
internal static class MembershipSql
{
    public static string Load(string dialect, string name)
    {
        var assembly = typeof(MembershipSql).Assembly;
        using var stream = assembly.GetManifestResourceStream($"Sql/{dialect}/{name}")
            ?? assembly.GetManifestResourceStream($"Sql/{name}")
            ?? throw new InvalidOperationException($"There is no statement {name} for {dialect}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
