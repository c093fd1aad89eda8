using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Query;
using Akka.Persistence.Tests;
using Akka.Streams;
using Akka.Streams.Dsl;
using Npgsql;

namespace Actors.Benchmarks.Journal;

/// <summary>
/// Bytes a second into the journal through persistent actors, against raw prepared inserts of the same blobs, 64 a transaction,
/// in the same run; and bytes a second out of it by query. <c>journal [--mib N] [--rounds N] [--no-postgres]</c>
/// </summary>
internal static class JournalBenchmark
{
    private const int Actors = 64;
    private const int ATransaction = 64;

    public static void Run(string[] args)
    {
        var mib = Option(args, "--mib", 256);
        var rounds = Option(args, "--rounds", 3);
        Console.WriteLine($"{mib} MiB a run, medians of {rounds}; synchronous NORMAL, {ATransaction} blobs a transaction, {Actors} persistent actors");
        Console.WriteLine("database    blob     raw MB/s  journal MB/s  ratio   raw CPU s/GB  journal CPU s/GB   query MB/s");
        foreach (var size in (int[])[16 * 1024, 256 * 1024])
            Compare("SQLite", size, (long)mib << 20, rounds, new SqliteTarget());
        if (args.Contains("--no-postgres")) return;
        if (PostgresServer.ReasonToSkip is { } reason)
        {
            Console.WriteLine($"PostgreSQL: skipped, {reason}");
            return;
        }
        using var server = new PostgresServer();
        foreach (var size in (int[])[16 * 1024, 256 * 1024])
            Compare("PostgreSQL", size, (long)mib << 20, rounds, new PostgresTarget(server));
    }

    private static void Compare(string database, int size, long total, int rounds, ITarget target)
    {
        var blob = new byte[size];
        new Random(size).NextBytes(blob);
        var count = (int)(total / size);
        var raw = new List<Measure>();
        var journal = new List<Measure>();
        var query = new List<Measure>();
        // The compiler's work is not the journal's.
        target.Raw(blob, Actors);
        target.Journal(blob, Math.Min(count, (64 << 20) / size));
        for (var round = 0; round < rounds; round++)
        {
            raw.Add(target.Raw(blob, count));
            var (write, read) = target.Journal(blob, count);
            journal.Add(write);
            query.Add(read);
        }
        Measure r = Median(raw), j = Median(journal), q = Median(query);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{database,-11} {size / 1024,3} KiB  {r.MegabytesASecond,8:F0}  {j.MegabytesASecond,12:F0}  {j.MegabytesASecond / r.MegabytesASecond,5:F2}  {r.CpuAGigabyte,13:F2}  {j.CpuAGigabyte,16:F2}  {q.MegabytesASecond,11:F0}"));
    }

    private static Measure Median(List<Measure> measures) => measures.OrderBy(m => m.MegabytesASecond).ElementAt(measures.Count / 2);

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private readonly record struct Measure(double MegabytesASecond, double CpuAGigabyte)
    {
        public static Measure Of(long bytes, Action work)
        {
            GC.Collect();
            var process = Process.GetCurrentProcess();
            var cpu = process.TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            work();
            clock.Stop();
            process.Refresh();
            return new Measure(bytes / 1e6 / clock.Elapsed.TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds / (bytes / 1e9));
        }
    }

    private interface ITarget
    {
        Measure Raw(byte[] blob, int count);

        (Measure Write, Measure Read) Journal(byte[] blob, int count);
    }

    private sealed class SqliteTarget : ITarget
    {
        public Measure Raw(byte[] blob, int count) =>
            InDirectory(directory =>
            {
                using var raw = new RawSqlite(Path.Combine(directory, "raw.db"));
                return Measure.Of((long)blob.Length * count, () =>
                {
                    for (var left = count; left > 0; left -= ATransaction) raw.Insert(blob, Math.Min(left, ATransaction));
                });
            });

        public (Measure Write, Measure Read) Journal(byte[] blob, int count) =>
            InDirectory(directory => ThroughActors("SQLite.MS", $"Data Source={directory}/journal.db", blob, count));

        private static T InDirectory<T>(Func<string, T> run)
        {
            var directory = Directory.CreateTempSubdirectory("actors-benchmark-").FullName;
            try
            {
                return run(directory);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private sealed class PostgresTarget(PostgresServer server) : ITarget
    {
        public Measure Raw(byte[] blob, int count)
        {
            using var connection = new NpgsqlConnection(server.NewSchema());
            connection.Open();
            Execute(connection, "CREATE TABLE blobs (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, blob BYTEA NOT NULL)");
            Execute(connection, "ALTER TABLE blobs ALTER COLUMN blob SET STORAGE EXTERNAL");
            var measure = Measure.Of((long)blob.Length * count, () =>
            {
                for (var left = count; left > 0; left -= ATransaction)
                {
                    using var batch = connection.CreateBatch();
                    for (var i = Math.Min(left, ATransaction); i > 0; i--)
                        batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO blobs (blob) VALUES ($1)") { Parameters = { new NpgsqlParameter<byte[]> { TypedValue = blob } } });
                    batch.Prepare();
                    batch.ExecuteNonQuery();
                }
            });
            Execute(connection, "DROP TABLE blobs");
            return measure;
        }

        public (Measure Write, Measure Read) Journal(byte[] blob, int count)
        {
            var connectionString = server.NewSchema();
            var measures = ThroughActors("PostgreSQL.15", connectionString, blob, count);
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            Execute(connection, "DROP TABLE journal");
            return measures;
        }

        private static void Execute(NpgsqlConnection connection, string sql)
        {
            using var command = new NpgsqlCommand(sql, connection);
            command.ExecuteNonQuery();
        }
    }

    private static (Measure Write, Measure Read) ThroughActors(string provider, string connectionString, byte[] blob, int count)
    {
        var system = ActorSystem.Create("benchmark", ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = WARNING
              persistence {
                journal.plugin = "akka.persistence.journal.sql"
                journal.sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}" }
                query.journal.sql.max-buffer-size = 16
              }
            }
            """).WithFallback(SqlPersistence.DefaultConfiguration));
        var share = count / Actors;
        var ready = new CountdownEvent(Actors);
        var done = new CountdownEvent(Actors);
        var writers = Enumerable.Range(0, Actors).Select(i => system.ActorOf(Props.Create(() => new Writer($"writer-{i}", blob, share, ready, done)))).ToArray();
        ready.Wait();
        var write = Measure.Of((long)blob.Length * share * Actors, () =>
        {
            foreach (var writer in writers) writer.Tell("start");
            done.Wait();
        });
        var journal = PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);
        var materializer = system.Materializer();
        var seen = 0L;
        var read = Measure.Of((long)blob.Length * share * Actors, () =>
        {
            for (var i = 0; i < Actors; i++)
                journal.CurrentEventsByPersistenceId($"writer-{i}", 1, share).RunForeach(e => seen += ((byte[])e.Event).Length, materializer).Wait();
        });
        if (seen != (long)blob.Length * share * Actors) throw new InvalidOperationException($"Read {seen} bytes back.");
        system.Terminate().Wait();
        return (write, read);
    }

    /// <summary>Keeps one write in flight and one event waiting for the next, as a busy partition does.</summary>
    private sealed class Writer : UntypedPersistentActor
    {
        private readonly byte[] _blob;
        private readonly CountdownEvent _ready;
        private readonly CountdownEvent _done;
        private int _toSend;
        private int _toStore;

        public Writer(string persistenceId, byte[] blob, int count, CountdownEvent ready, CountdownEvent done)
        {
            PersistenceId = persistenceId;
            (_blob, _ready, _done, _toSend, _toStore) = (blob, ready, done, count, count);
        }

        public override string PersistenceId { get; }

        protected override void OnRecover(object message)
        {
            if (message is RecoveryCompleted) _ready.Signal();
        }

        protected override void OnCommand(object message)
        {
            Send();
            Send();
        }

        private void Send()
        {
            if (_toSend-- > 0) PersistAsync(_blob, Stored);
        }

        private void Stored(byte[] blob)
        {
            if (--_toStore == 0) _done.Signal();
            else Send();
        }
    }
}
