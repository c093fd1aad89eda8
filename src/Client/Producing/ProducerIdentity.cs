namespace Actors.Client;

/// <summary>A producer id and its epoch, as InitProducerId gave them. Source: KIP-98, KIP-360.</summary>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    public static readonly ProducerIdentity None = new(-1, -1);

    public bool CanBump => Epoch < short.MaxValue;

    /// <summary>An idempotent producer raises the epoch by itself, so that what is late under the old one is refused.</summary>
    public ProducerIdentity Bump() => this with { Epoch = (short)(Epoch + 1) };
}
