#nullable enable
using System.Data;
using Npgsql;

namespace Akka.Cluster.Membership;

/// <summary>
/// Members in the journal's PostgreSQL database. A change is one message to the server and one transaction there, so a process
/// that is frozen keeps no lock; changes of one cluster run one after the other. A renewal does not wait for the disk, which the
/// journal keeps busy: after a crash of the server the next one counts as well.
/// </summary>
internal sealed class PostgresMembershipTable : MembershipTable
{
    private const string Dialect = "PostgreSQL";

    private readonly Dictionary<string, string> _statements = [];
    private readonly string _connectionString;
    private NpgsqlConnection? _connection;
    private bool _created;

    public PostgresMembershipTable(string connectionString, string systemName) : base(systemName)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // What hangs is given up and tried again at once: the others count on the next renewal.
            Pooling = false,
            Timeout = 2,
            CommandTimeout = 2,
            CancellationTimeout = -1,
            KeepAlive = 0,
            MaxAutoPrepare = 0,
            Multiplexing = false,
        };
        // Who ends the sessions of a lost node's writer by their name does not mean this one.
        builder.ApplicationName = $"{(string.IsNullOrEmpty(builder.ApplicationName) ? "akka" : builder.ApplicationName)}-cluster";
        _connectionString = builder.ConnectionString;
    }

    public override void Open()
    {
        if (_connection is { FullState: ConnectionState.Open }) return;
        Close();
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            using (var lightly = new NpgsqlCommand(Sql("renew-lightly"), connection)) lightly.ExecuteNonQuery();
            if (!_created) Create(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        _created = true;
        _connection = connection;
    }

    public override void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    public override bool HasChanged() => false;

    public override IReadOnlyList<MemberRow> Read()
    {
        var rows = new List<MemberRow>();
        using var command = new NpgsqlCommand(Sql("read-members"), _connection) { Parameters = { Of(SystemName) } };
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(Row(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8)));
        }
        return rows;
    }

    public override IDisposable? Listen(Action changed) => new PostgresNotifications(_connectionString, Sql("listen"), SystemName, changed);

    protected override int Run(Statement statement)
    {
        using var command = new NpgsqlCommand(Sql(statement.Name), _connection);
        foreach (var argument in statement.Arguments) command.Parameters.Add(Of(argument));
        return command.ExecuteNonQuery();
    }

    protected override int Change(params ReadOnlySpan<Statement> statements)
    {
        using var batch = _connection!.CreateBatch();
        Add(batch, new Statement("change-durably"));
        Add(batch, new Statement("lock-cluster", SystemName));
        foreach (var statement in statements) Add(batch, statement);
        var last = batch.BatchCommands[^1];
        Add(batch, new Statement("notify", SystemName));
        batch.ExecuteNonQuery();
        return last.RecordsAffected;
    }

    private void Add(NpgsqlBatch batch, Statement statement)
    {
        var command = new NpgsqlBatchCommand(Sql(statement.Name));
        foreach (var argument in statement.Arguments) command.Parameters.Add(Of(argument));
        batch.BatchCommands.Add(command);
    }

    private void Create(NpgsqlConnection connection)
    {
        using var batch = connection.CreateBatch();
        foreach (var name in (string[])["lock-schema", "create-members", "create-one-incarnation", "create-one-age"]) batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql(name)));
        batch.ExecuteNonQuery();
    }

    private string Sql(string name)
    {
        if (!_statements.TryGetValue(name, out var sql)) _statements.Add(name, sql = MembershipSql.Load(Dialect, name));
        return sql;
    }

    private static NpgsqlParameter Of(object argument) => argument is long number ? new NpgsqlParameter<long> { TypedValue = number } : new NpgsqlParameter<string> { TypedValue = (string)argument };
}
