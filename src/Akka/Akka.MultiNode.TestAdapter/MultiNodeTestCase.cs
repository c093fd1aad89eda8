using System.ComponentModel;
using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Akka.MultiNode.TestAdapter;

/// <summary>Makes a test case of each marked method.</summary>
internal sealed class MultiNodeFactDiscoverer(IMessageSink diagnosticMessageSink) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new MultiNodeTestCase(diagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

/// <summary>One method on all nodes.</summary>
internal sealed class MultiNodeTestCase : XunitTestCase
{
    // Each run is several processes already.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For xunit's deserialisation only.")]
    public MultiNodeTestCase() { }

    internal MultiNodeTestCase(IMessageSink diagnosticMessageSink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod testMethod)
        : base(diagnosticMessageSink, display, options, testMethod) { }

    public override async Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        var test = new XunitTest(this, DisplayName);
        var summary = new RunSummary { Total = 1 };
        messageBus.QueueMessage(new TestCaseStarting(this));
        messageBus.QueueMessage(new TestStarting(test));
        if (!string.IsNullOrEmpty(SkipReason))
        {
            summary.Skipped = 1;
            messageBus.QueueMessage(new TestSkipped(test, SkipReason));
            messageBus.QueueMessage(new TestFinished(test, 0, ""));
        }
        else
        {
            await OneAtATime.WaitAsync(cancellationTokenSource.Token).ConfigureAwait(false);
            try { await RunNodes(test, messageBus, summary, cancellationTokenSource).ConfigureAwait(false); }
            finally { OneAtATime.Release(); }
        }
        messageBus.QueueMessage(new TestCaseFinished(this, summary.Time, summary.Total, summary.Failed, summary.Skipped));
        return summary;
    }

    private async Task RunNodes(XunitTest test, IMessageBus messageBus, RunSummary summary, CancellationTokenSource cancellation)
    {
        var clock = Stopwatch.StartNew();
        var output = "";
        Exception? failure = null;
        try
        {
            var limit = Timeout > 0 ? TimeSpan.FromMilliseconds(Timeout) : TimeSpan.FromMinutes(3);
            var outcome = await NodeProcesses.Run(Method.ToRuntimeMethod(), TestMethod.TestClass.Class.ToRuntimeType(), limit, cancellation.Token).ConfigureAwait(false);
            output = outcome.Output;
            if (outcome.Failure is not null) failure = new XunitException(outcome.Failure);
        }
        // Whatever keeps the nodes from being started is the test's failure.
        catch (Exception e)
        {
            failure = e;
        }
        summary.Time = (decimal)clock.Elapsed.TotalSeconds;
        IMessageSinkMessage result = failure is null ? new TestPassed(test, summary.Time, output) : new TestFailed(test, summary.Time, output, failure);
        if (failure is not null) summary.Failed = 1;
        if (!messageBus.QueueMessage(result)) await cancellation.CancelAsync().ConfigureAwait(false);
        messageBus.QueueMessage(new TestFinished(test, summary.Time, output));
    }
}
