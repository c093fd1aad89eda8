using Akka.Cluster.Membership;
using Microsoft.Data.Sqlite;

namespace Akka.Cluster.Tests;

/// <summary>The thread that renews: what it does when its table fails, and at its end.</summary>
public sealed class MembershipThreadSpecs : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly MembershipRules Rules = ModelCluster.Rules with { RenewEvery = TimeSpan.FromMilliseconds(20) };

    private readonly FragileTable _table = new();
    private readonly Listener _listener = new();
    private readonly MembershipThread _thread;

    public MembershipThreadSpecs() => _thread = new MembershipThread(_table, ModelCluster.Node(1), ["broker"], Rules, TimeSpan.FromMilliseconds(5), _listener);

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void It_renews_and_comes_up()
    {
        _thread.Join();
        _listener.Await(l => l.Last?.State.Members.SingleOrDefault()?.Status == MemberStatus.Up, "up");
        var before = _table.Renewals;
        _listener.Await(_ => _table.Renewals > before + 5, "five renewals");
        Assert.Null(_listener.Fault);
    }

    [Fact]
    public void A_table_that_fails_is_closed_and_opened_until_it_answers_and_is_told_of_once()
    {
        _table.Failure = new SqliteException("away", 1);
        _thread.Join();
        _listener.Await(_ => _table.Opened > 3, "four tries");
        _table.Failure = null;
        _listener.Await(l => l.Said.Count > 1, "that it answers again");
        Assert.Equal(["away", "answers"], _listener.Said);
        Assert.Equal(_table.Opened, _table.Closed + 1);
    }

    [Theory]
    [InlineData(typeof(System.Net.Sockets.SocketException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TimeoutException))]
    public void Failures_of_the_way_to_the_table_are_its_own(Type failure)
    {
        _table.Failure = (Exception)Activator.CreateInstance(failure)!;
        _thread.Join();
        _listener.Await(_ => _table.Opened > 2, "three tries");
        Assert.Null(_listener.Fault);
    }

    [Fact]
    public void A_mistake_of_ours_ends_it_and_is_told()
    {
        _thread.Join();
        _listener.Await(l => l.Last is not null, "a reading");
        _table.Failure = new InvalidOperationException("a mistake");
        _listener.Await(l => l.Fault is InvalidOperationException, "the fault");
        Assert.True(_thread.Ask(_ => 1).IsCanceled);
    }

    [Fact]
    public void What_is_asked_while_the_table_fails_is_done_when_it_answers()
    {
        _table.Failure = new SqliteException("away", 1);
        _thread.Join();
        var asked = _thread.Ask(table => table.Renew(ModelCluster.Node(1)));
        _listener.Await(_ => _table.Opened > 3, "four tries");
        Assert.False(asked.IsCompleted);
        _table.Failure = null;
        Assert.True(asked.WaitAsync(Soon).GetAwaiter().GetResult());
    }

    [Fact]
    public void What_is_asked_of_a_thread_that_ends_without_having_joined_is_canceled()
    {
        var asked = _thread.Ask(table => table.Renew(ModelCluster.Node(1)));
        _thread.Dispose();
        Assert.True(asked.IsCanceled);
        Assert.Equal(0, _table.Opened);
        // Too late.
        _thread.Join();
        Assert.Equal(0, _table.Opened);
    }

    [Fact]
    public void It_ends_when_the_node_is_removed()
    {
        _thread.Join();
        _listener.Await(l => l.Last is not null, "a reading");
        lock (_table.Model)
        {
            var row = _table.Model[ModelCluster.Node(1)];
            Assert.True(_table.Model.Apply(new DownSilent(row.Node, row.Version, row.Renewals, row.Node)));
        }
        _listener.Await(l => l.Last?.RemovedFrom == MemberStatus.Down, "the removal");
        var renewals = _table.Renewals;
        Thread.Sleep(100);
        Assert.Equal(renewals, _table.Renewals);
        Assert.True(_thread.Ask(_ => 1).IsCanceled);
    }

    private sealed class Listener : IMembershipListener
    {
        private readonly List<string> _said = [];

        public volatile Observation? Last;
        public volatile Exception? Fault;

        public IReadOnlyList<string> Said
        {
            get
            {
                lock (_said) return [.. _said];
            }
        }

        public void Observed(Observation observation) => Last = observation;

        public void DatabaseChanged(Exception? failure)
        {
            lock (_said) _said.Add(failure is null ? "answers" : "away");
        }

        public void Probe(UniqueAddress node) => Assert.Fail("there is nobody else");

        public void Failed(Exception cause) => Fault = cause;

        public void Await(Func<Listener, bool> condition, string what)
        {
            if (!SpinWait.SpinUntil(() => condition(this), Soon)) Assert.Fail($"not within {Soon}: {what}; fault {Fault}; said {string.Join(", ", Said)}");
        }
    }

    /// <summary>The model's table, which fails when told to.</summary>
    private sealed class FragileTable() : MembershipTable("model")
    {
        private volatile int _opened;
        private volatile int _closed;
        private bool _open;

        public ModelTable Model { get; } = new();

        public volatile Exception? Failure;

        public int Opened => _opened;

        public int Closed => _closed;

        public long Renewals
        {
            get
            {
                lock (Model) return Model.Rows.SingleOrDefault()?.Renewals ?? 0;
            }
        }

        public override void Open()
        {
            if (_open) return;
            _open = true;
            _opened++;
        }

        public override void Close()
        {
            if (_open) _closed++;
            _open = false;
        }

        public override bool HasChanged()
        {
            if (Failure is { } failure) throw failure;
            return false;
        }

        public override IReadOnlyList<MemberRow> Read()
        {
            lock (Model) return Model.Rows;
        }

        protected override int Run(Statement statement)
        {
            if (Failure is { } failure) throw failure;
            Assert.Equal("renew", statement.Name);
            lock (Model) return Model.Renew(ModelCluster.Node(1)) ? 1 : 0;
        }

        protected override int Change(params ReadOnlySpan<Statement> statements)
        {
            if (Failure is { } failure) throw failure;
            lock (Model)
            {
                var last = statements[^1];
                if (last.Name == "join") Model.Join(ModelCluster.Node(1), "broker");
                else if (last.Name == "bring-up") return Model.Apply(new BringUp(ModelCluster.Node(1), (long)last.Arguments[3])) ? 1 : 0;
                return 1;
            }
        }
    }
}
