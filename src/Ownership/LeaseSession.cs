using System.Data;
using System.Data.Common;
using Actors.Machines;

namespace Actors.Ownership;

/// <summary>A node's lease row with what is needed to put the node out.</summary>
internal sealed record NodeRow(NodeLeaseRow Lease, string Endpoint, string SessionName, string WriterUuid);

/// <summary>What the renewal thread asks the database.</summary>
internal interface IRenewals : IDisposable
{
    /// <summary>Raises the counter; false when the row is no longer live.</summary>
    bool Renew(long uid);

    IReadOnlyList<NodeRow> ReadNodes();
}

/// <summary>One thread's connection to the leases. It is opened when needed, and again after anything failed.</summary>
internal sealed class LeaseSession(JournalDatabase database, string sessionName, TimeSpan patience, bool awaitDisk) : IRenewals
{
    private DbConnection? _connection;

    public bool Renew(long uid) => Execute("renew-node", ("uid", uid)) == 1;

    public IReadOnlyList<NodeRow> ReadNodes() => Do(connection =>
    {
        var rows = new List<NodeRow>();
        using var command = database.Command(connection, null, "read-nodes");
        using var reader = command.ExecuteReader();
        while (reader.Read())
            rows.Add(new NodeRow(new NodeLeaseRow(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2), (LeaseState)reader.GetInt32(3)),
                reader.GetString(4), reader.GetString(5), reader.GetString(6)));
        return rows;
    });

    public void CreateTables() => InTransaction(run =>
    {
        foreach (var statement in database.LeaseStatements) run(statement, []);
        return 0;
    });

    public void InsertNode(NodeIdentity node, string endpoint, string writerUuid) =>
        Execute("insert-node", ("uid", node.Uid), ("node", node.NodeId), ("endpoint", endpoint), ("session", node.SessionName), ("writer", writerUuid));

    /// <summary>The row's state after the attempt.</summary>
    public LeaseState Condemn(long uid, long counter, long me)
    {
        Execute("condemn-node", ("uid", uid), ("counter", counter), ("me", me));
        return StateOf(uid);
    }

    public LeaseState CondemnFormer(long uid)
    {
        Execute("condemn-former", ("uid", uid));
        return StateOf(uid);
    }

    /// <summary>Ends the database sessions of that name, and waits for their end.</summary>
    public void EndSessions(string name)
    {
        if (database.IsSqlite) return;
        Do(connection =>
        {
            using var command = database.Command(connection, null, "end-sessions", ("session", name));
            return (long)command.ExecuteScalar()!;
        });
    }

    public void MarkOut(long uid) => Execute("mark-out", ("uid", uid));

    public void DeleteFormer(NodeIdentity node) => Execute("delete-former", ("node", node.NodeId), ("uid", node.Uid));

    /// <summary>Who owns a lease, and how far its owner has been brought; null for nobody.</summary>
    public (long Uid, LeaseState State)? OwnerOf(string name) => Do<(long, LeaseState)?>(connection =>
    {
        using var command = database.Command(connection, null, "owner-of-lease", ("name", name));
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.IsDBNull(1) ? LeaseState.Out : (LeaseState)reader.GetInt32(1)) : null;
    });

    /// <summary>Takes leases, each from the owner it was seen with, and says of each whether it could be had.</summary>
    public bool[] Take(IReadOnlyList<(string Name, long Term, long? Owner)> leases, long me, string writerUuid) => InTransaction(run =>
    {
        var taken = new bool[leases.Count];
        // All nodes in one order, so that two never wait for each other.
        foreach (var at in Enumerable.Range(0, leases.Count).OrderBy(at => leases[at].Name, StringComparer.Ordinal))
            taken[at] = leases[at].Owner is { } owner
                ? run("take-lease-from", [("name", leases[at].Name), ("owner", owner), ("me", me), ("writer", writerUuid), ("term", leases[at].Term)]) == 1
                : run("take-free-lease", [("name", leases[at].Name), ("me", me), ("writer", writerUuid), ("term", leases[at].Term)]) == 1;
        return taken;
    });

    public void Release(IEnumerable<(string Name, long Term)> leases, long me) => InTransaction(run =>
        leases.OrderBy(lease => lease.Name, StringComparer.Ordinal).Sum(lease => run("release-lease", [("name", lease.Name), ("me", me), ("term", lease.Term)])));

    public IReadOnlyList<(string Name, long Term)> LeasesOf(long me) => Do(connection =>
    {
        var leases = new List<(string, long)>();
        using var command = database.Command(connection, null, "leases-of-node", ("me", me));
        using var reader = command.ExecuteReader();
        while (reader.Read()) leases.Add((reader.GetString(0), reader.GetInt64(1)));
        return leases;
    });

    public void ReleaseAll(long me) => Execute("release-all-leases", ("me", me));

    /// <summary>Moves the lease file's log into the file (SQLite).</summary>
    public void Checkpoint()
    {
        if (database.IsSqlite) Execute("checkpoint");
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private LeaseState StateOf(long uid) => Do(connection =>
    {
        using var command = database.Command(connection, null, "state-of-node", ("uid", uid));
        return command.ExecuteScalar() is { } state ? (LeaseState)Convert.ToInt32(state, System.Globalization.CultureInfo.InvariantCulture) : LeaseState.Out;
    });

    private int Execute(string statement, params (string Name, object Value)[] parameters) => Do(connection =>
    {
        using var command = database.Command(connection, null, statement, parameters);
        return command.ExecuteNonQuery();
    });

    private T InTransaction<T>(Func<Func<string, (string Name, object Value)[], int>, T> work) => Do(connection =>
    {
        using var transaction = connection.BeginTransaction();
        var result = work((statement, parameters) =>
        {
            using var command = database.Command(connection, transaction, statement, parameters);
            return command.ExecuteNonQuery();
        });
        transaction.Commit();
        return result;
    });

    private T Do<T>(Func<DbConnection, T> work)
    {
        try
        {
            return work(Open());
        }
        catch
        {
            // Whatever it was, the next attempt begins with a connection that is known to be sound.
            Dispose();
            throw;
        }
    }

    private DbConnection Open()
    {
        if (_connection is { State: ConnectionState.Open }) return _connection;
        _connection?.Dispose();
        _connection = database.NewLeaseConnection(sessionName, patience, awaitDisk);
        _connection.Open();
        foreach (var greeting in database.LeaseGreetings)
        {
            using var command = database.Command(_connection, null, greeting);
            command.ExecuteNonQuery();
        }
        return _connection;
    }
}
