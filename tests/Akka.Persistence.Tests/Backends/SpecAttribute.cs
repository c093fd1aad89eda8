using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Akka.Persistence.Tests;

/// <summary>
/// A fact that specifications for several databases inherit. In a class of the PostgreSQL collection it is skipped where the
/// server's programs are absent, except under CI=true, where it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Akka.Persistence.Tests.SpecDiscoverer", SpecAssembly.Name)]
public sealed class SpecAttribute : FactAttribute;

public sealed class SpecDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new SpecTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

public sealed class SpecTestCase : XunitTestCase
{
    [Obsolete("For the deserialiser.")]
    public SpecTestCase()
    {
    }

    public SpecTestCase(IMessageSink sink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(sink, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        base.GetSkipReason(factAttribute)
        ?? (typeof(IPostgresSpec).IsAssignableFrom(TestMethod.TestClass.Class.ToRuntimeType()) ? PostgresServer.ReasonToSkip : null);
}

/// <summary>Marks specifications that need the PostgreSQL server.</summary>
public interface IPostgresSpec;
