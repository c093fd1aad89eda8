using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence.Journal;
using Xunit.Sdk;

namespace Akka.Persistence.Tests;

/// <summary>A journal whose writes the test stores, fails or rejects one by one. There is one gate a system, found by the system's name.</summary>
public sealed class GatedJournal : MemoryJournal
{
    private static readonly ConcurrentDictionary<string, BlockingCollection<Write>> Gates = new();

    private readonly BlockingCollection<Write> _arrived = Of(Context.System);

    /// <summary>The next write to arrive.</summary>
    public static Write Next(ActorSystem system) =>
        Of(system).TryTake(out var write, TimeSpan.FromSeconds(10)) ? write : throw new XunitException("No write arrived at the journal.");

    public static void ExpectNone(ActorSystem system, int milliseconds = 200)
    {
        if (Of(system).TryTake(out var write, milliseconds)) throw new XunitException($"Expected no write, got {write.Notes}.");
    }

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var outcome = new TaskCompletionSource<IImmutableList<Exception?>?>();
        var writes = messages.ToArray();
        _arrived.Add(new Write(writes, () => base.WriteMessagesAsync(writes), outcome));
        return outcome.Task;
    }

    private static BlockingCollection<Write> Of(ActorSystem system) => Gates.GetOrAdd(system.Name, _ => []);

    public sealed class Write(AtomicWrite[] writes, Action store, TaskCompletionSource<IImmutableList<Exception?>?> outcome)
    {
        /// <summary>The notes in it: units parted by bars, events by commas.</summary>
        public string Notes { get; } = string.Join(
            '|', writes.Select(w => string.Join(',', ((IImmutableList<IPersistentRepresentation>)w.Payload).Select(p => ((Blob)p.Payload).Note))));

        public void Store()
        {
            store();
            outcome.SetResult(null);
        }

        public void Fail(string why) => outcome.SetException(new InvalidOperationException(why));

        public void Reject(string why) => outcome.SetResult(ImmutableArray.CreateRange(writes.Select(Exception? (_) => new InvalidOperationException(why))));
    }
}
