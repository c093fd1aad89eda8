using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Turns objects into bytes and back.</summary>
public abstract class Serializer
{
    protected readonly ExtendedActorSystem system;

    private readonly Lazy<int> _identifier;

    protected Serializer(ExtendedActorSystem system)
    {
        this.system = system;
        _identifier = new Lazy<int>(() => SerializerIdentifierHelper.GetSerializerIdentifierFromConfig(GetType(), system));
    }

    /// <summary>Unique in the system; by default what <c>akka.actor.serialization-identifiers</c> says.</summary>
    public virtual int Identifier => _identifier.Value;

    /// <summary>Whether <see cref="FromBinary(byte[], Type)"/> needs the type.</summary>
    public abstract bool IncludeManifest { get; }

    public abstract byte[] ToBinary(object obj);

    public byte[] ToBinaryWithAddress(Address address, object obj) => Serialization.WithTransport(system, address, () => ToBinary(obj));

    public abstract object FromBinary(byte[] bytes, Type type);

    public T FromBinary<T>(byte[] bytes) => (T)FromBinary(bytes, typeof(T));
}

/// <summary>A serialiser whose manifests are its own, not type names.</summary>
public abstract class SerializerWithStringManifest : Serializer
{
    protected SerializerWithStringManifest(ExtendedActorSystem system) : base(system) { }

    public sealed override bool IncludeManifest => true;

    public sealed override object FromBinary(byte[] bytes, Type type) => FromBinary(bytes, Manifests.Of(type));

    public abstract object FromBinary(byte[] bytes, string manifest);

    public abstract string Manifest(object o);
}

/// <summary>Reads serialisers' ids from configuration.</summary>
public static class SerializerIdentifierHelper
{
    public static int GetSerializerIdentifierFromConfig(Type type, ExtendedActorSystem system)
    {
        var ids = system.Settings.Config.GetConfig("akka.actor.serialization-identifiers");
        if (ids is not null)
        {
            foreach (var (name, id) in ids.AsEnumerable())
            {
                if (Type.GetType(name) == type) return id.GetInt();
            }
        }
        throw new ArgumentException($"Couldn't find serializer id for [{type}] under [akka.actor.serialization-identifiers] HOCON path");
    }
}

internal static class Manifests
{
    /// <summary>The type's name and assembly without version, as Akka.NET writes it.</summary>
    internal static string Of(Type type)
    {
        var core = type.Assembly == typeof(object).Assembly ? "System.Private.CoreLib" : type.Assembly.GetName().Name;
        return $"{type.FullName}, {core}";
    }
}

/// <summary>Bytes as they are.</summary>
public class ByteArraySerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override int Identifier => 4;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => obj switch
    {
        null => null,
        byte[] bytes => bytes,
        _ => throw new NotSupportedException("The object to convert is not a byte array."),
    };

    public override object FromBinary(byte[] bytes, Type type) => bytes;
}

/// <summary>The null reference.</summary>
public class NullSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override int Identifier => 0;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => [];

    public override object FromBinary(byte[] bytes, Type type) => null;
}

// Akka.Remote's, with its id, manifests and formats; here because strings and numbers need some serialiser.
internal sealed class PrimitiveSerializers(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 17;

    public override string Manifest(object o) => o switch
    {
        string => "S",
        int => "I",
        long => "L",
        _ => throw new ArgumentException($"Cannot serialize object of type [{o.GetType()}] in [{GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        string s => System.Text.Encoding.UTF8.GetBytes(s),
        int i => BitConverter.GetBytes(i),
        long l => BitConverter.GetBytes(l),
        _ => throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        "S" or "System.String, System.Private.CoreLib" or "System.String, mscorlib" => System.Text.Encoding.UTF8.GetString(bytes),
        "I" or "System.Int32, System.Private.CoreLib" or "System.Int32, mscorlib" => BitConverter.ToInt32(bytes),
        "L" or "System.Int64, System.Private.CoreLib" or "System.Int64, mscorlib" => BitConverter.ToInt64(bytes),
        _ => throw new ArgumentException($"Unimplemented deserialization of message with manifest [{manifest}] in [{GetType()}]", nameof(manifest)),
    };
}
