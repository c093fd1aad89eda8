using Xunit.Abstractions;
using Xunit.Sdk;

namespace Akka.MultiNode.TestAdapter;

/// <summary>The framework that a test assembly of multi-node specs names in its <c>TestFramework</c> attribute; ordinary facts run as ever.</summary>
public class MultiNodeTestFramework(IMessageSink messageSink) : XunitTestFramework(messageSink);
