using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Where the messages of ended actors go.</summary>
public sealed class DeadLetterMailbox(IActorRef deadLetters) : Mailbox(new DeadLetterQueue(deadLetters))
{
    private sealed class DeadLetterQueue(IActorRef deadLetters) : IMessageQueue
    {
        public bool HasMessages => false;

        public int Count => 0;

        public void Enqueue(IActorRef receiver, Envelope envelope)
        {
            // What a subscriber to dead letters left unread has been published once already.
            if (envelope.Message is AllDeadLetters) return;
            deadLetters.Tell(new DeadLetter(envelope.Message, envelope.Sender ?? deadLetters, receiver), envelope.Sender);
        }

        public bool TryDequeue(out Envelope envelope)
        {
            envelope = default;
            return false;
        }

        public void CleanUp(IActorRef owner, IMessageQueue deadletters) { }
    }
}
