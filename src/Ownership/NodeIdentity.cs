using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Actors.Ownership;

/// <summary>One start of a node: what distinguishes it from its earlier and later ones.</summary>
/// <param name="NodeId">Kafka's broker id, from 1: the same at every start of the node and at no other node.</param>
/// <param name="Uid">Random, positive, never used again.</param>
public sealed record NodeIdentity(int NodeId, long Uid)
{
    /// <summary>The name of this start's sessions in PostgreSQL (application_name).</summary>
    public string SessionName => string.Create(CultureInfo.InvariantCulture, $"actors-{NodeId}-{Uid:x16}");

    /// <summary>The name under which the node's writers are found in the journal, see <see cref="JournalWriter"/>.</summary>
    public string Name => NodeId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A new start of a node.</summary>
    public static NodeIdentity New(int nodeId)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return new NodeIdentity(nodeId, Math.Max(1, BinaryPrimitives.ReadInt64LittleEndian(random) & long.MaxValue));
    }
}
