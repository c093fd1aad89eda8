namespace Akka.Persistence.Serialization;

/// <summary>Marks what Akka.Persistence itself writes or sends.</summary>
public interface IMessage;
