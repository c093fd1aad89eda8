using Akka.Actor;
using Akka.Serialization;

namespace Akka.Persistence.Tests;

/// <summary>An event whose bytes are stored as they are, like a record batch; the note stands in the manifest.</summary>
public sealed record Blob(byte[] Bytes, string Note)
{
    public static Blob Of(string note) => new([1, 2, 3], note);
}

/// <summary>An event that its serialiser refuses.</summary>
public sealed record Unserialisable;

public sealed class BlobSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 9001;

    public override string Manifest(object o) => o is Blob blob ? blob.Note : "none";

    public override byte[] ToBinary(object obj) => obj is Blob blob ? blob.Bytes : throw new InvalidOperationException("no bytes for this one");

    public override object FromBinary(byte[] bytes, string manifest) => new Blob(bytes, manifest);
}
