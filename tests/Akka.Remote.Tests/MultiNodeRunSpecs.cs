using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;

namespace Akka.Remote.Tests;

public sealed class FailingConfig : MultiNodeConfig
{
    public FailingConfig()
    {
        First = Role("first");
        Second = Role("second");
        CommonConfig = Akka.Configuration.ConfigurationFactory.ParseString("akka.testconductor.barrier-timeout = 10s");
    }

    public RoleName First { get; }

    public RoleName Second { get; }
}

/// <summary>Its methods are not facts: <see cref="MultiNodeRunSpecs"/> has them run, and looks at what is said of them.</summary>
public class FailingSpec : MultiNodeSpec
{
    private readonly FailingConfig _config;

    public FailingSpec() : this(new FailingConfig()) { }

    protected FailingSpec(FailingConfig config) : base(config, typeof(FailingSpec)) => _config = config;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    internal void Passes()
    {
        Console.WriteLine($"{Myself} was here");
        EnterBarrier("both");
    }

    internal void One_fails()
    {
        RunOn(() => Assert.Fail("the second node's reason"), _config.Second);
        EnterBarrier("never passed");
    }

    internal void One_vanishes()
    {
        RunOn(() => Environment.Exit(9), _config.Second);
        EnterBarrier("never passed");
    }

    internal async Task One_fails_later()
    {
        EnterBarrier("both");
        await Task.Delay(10);
        RunOn(() => throw new InvalidOperationException("the first node's reason"), _config.First);
    }

    internal void One_hangs() => RunOn(() => Thread.Sleep(Timeout.Infinite), _config.First);
}

public sealed class WithoutConfig;

public sealed class MultiNodeRunSpecs
{
    private static Task<NodesOutcome> Run(string method, int seconds = 60) => NodeProcesses.Run(
        typeof(FailingSpec).GetMethod(method, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!, typeof(FailingSpec), TimeSpan.FromSeconds(seconds), CancellationToken.None);

    [Fact]
    public async Task Each_role_runs_in_a_process_and_what_it_prints_is_kept()
    {
        var outcome = await Run(nameof(FailingSpec.Passes));
        Assert.Null(outcome.Failure);
        Assert.Contains("---- first: passed", outcome.Output);
        Assert.Contains("first was here", outcome.Output);
        Assert.Contains("second was here", outcome.Output);
    }

    [Fact]
    public async Task A_nodes_failure_is_the_tests_and_comes_first()
    {
        var failure = (await Run(nameof(FailingSpec.One_fails))).Failure;
        Assert.NotNull(failure);
        Assert.StartsWith("node [second] failed with exit code 1", failure);
        Assert.Contains("the second node's reason", failure);
        // The other one did not pass a barrier without it.
        Assert.Contains("node [second] was lost", failure);
    }

    [Fact]
    public async Task A_failure_after_a_tasks_await_is_one_too()
    {
        var failure = (await Run(nameof(FailingSpec.One_fails_later))).Failure;
        Assert.NotNull(failure);
        Assert.Contains("the first node's reason", failure);
    }

    [Fact]
    public async Task A_node_that_vanishes_is_a_failure()
    {
        var failure = (await Run(nameof(FailingSpec.One_vanishes))).Failure;
        Assert.NotNull(failure);
        Assert.Contains("node [second] failed with exit code 9", failure);
    }

    [Fact]
    public async Task A_run_that_does_not_end_is_ended_and_says_who_hung()
    {
        var failure = (await Run(nameof(FailingSpec.One_hangs), seconds: 6)).Failure;
        Assert.NotNull(failure);
        Assert.Contains("still running were first", failure);
    }

    [Fact]
    public void The_roles_are_those_of_the_constructors_configuration()
    {
        Assert.Equal(["first", "second"], NodeProcesses.RolesOf(typeof(FailingSpec)));
        Assert.Contains("has no constructor", Assert.Throws<InvalidOperationException>(() => NodeProcesses.RolesOf(typeof(WithoutConfig))).Message);
    }

    [Fact]
    public void Properties_are_read_from_the_command_line()
    {
        var read = MultiNodeProperties.Parse(["exec", "-Dmultinode.index=2", "multinode.host=127.0.0.1", "-Dother=1", "--x"]);
        Assert.Equal(("2", "127.0.0.1", 2), (read["multinode.index"], read["multinode.host"], read.Count));
    }
}
