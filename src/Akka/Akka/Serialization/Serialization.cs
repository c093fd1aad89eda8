using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Serialization;

/// <summary>The address that references are written with.</summary>
public sealed class Information(Address address, ActorSystem system) : IEquatable<Information>
{
    public Address Address { get; } = address;

    public ActorSystem System { get; } = system;

    public bool Equals(Information other) => other is not null && Equals(Address, other.Address) && Equals(System, other.System);

    public override bool Equals(object obj) => Equals(obj as Information);

    public override int GetHashCode() => HashCode.Combine(Address, System);
}

/// <summary>The serialisers of an actor system, by type and by id.</summary>
public class Serialization
{
    [ThreadStatic] private static Information t_transport;

    private readonly ConcurrentDictionary<Type, Serializer> _byType = new();
    private readonly ConcurrentDictionary<int, Serializer> _byId = new();
    private readonly ConcurrentDictionary<string, Serializer> _byName = new();
    private readonly ConcurrentDictionary<Type, Serializer> _bindings = new();
    private readonly NullSerializer _null;

    public Serialization(ExtendedActorSystem system)
    {
        System = system;
        _null = new NullSerializer(system);
        AddSerializer(_null);
        var config = system.Settings.Config;
        foreach (var (name, value) in Members(config, "akka.actor.serializers")) AddSerializer(name, Create(system, name, value.GetString()));
        foreach (var (typeName, value) in Members(config, "akka.actor.serialization-bindings"))
        {
            var type = Type.GetType(typeName) ?? throw new ConfigurationException($"akka.actor.serialization-bindings: no type [{typeName}]");
            if (!_byName.TryGetValue(value.GetString(), out var serializer)) throw new ConfigurationException($"akka.actor.serialization-bindings: [{typeName}] = [{value.GetString()}], and there is no such serializer");
            AddSerializationMap(type, serializer);
        }
    }

    public ExtendedActorSystem System { get; }

    private static IEnumerable<KeyValuePair<string, Configuration.Hocon.HoconValue>> Members(Config config, string path) => config.GetConfig(path)?.AsEnumerable() ?? [];

    private static Serializer Create(ExtendedActorSystem system, string name, string typeName)
    {
        var type = Type.GetType(typeName) ?? throw new ConfigurationException($"akka.actor.serializers.{name}: no type [{typeName}]");
        var settings = system.Settings.Config.GetConfig("akka.actor.serialization-settings." + name);
        return (Serializer)(settings is not null && type.GetConstructor([typeof(ExtendedActorSystem), typeof(Config)]) is not null
            ? Activator.CreateInstance(type, system, settings)
            : Activator.CreateInstance(type, system));
    }

    public void AddSerializer(Serializer serializer)
    {
        var known = _byId.GetOrAdd(serializer.Identifier, serializer);
        if (known.GetType() != serializer.GetType()) throw new ConfigurationException($"Serializer identifier [{serializer.Identifier}] of [{serializer.GetType()}] is not unique: [{known.GetType()}] has it");
    }

    public void AddSerializer(string name, Serializer serializer)
    {
        AddSerializer(serializer);
        _byName[name] = serializer;
    }

    public void AddSerializationMap(Type type, Serializer serializer)
    {
        _bindings[type] = serializer;
        _byType.Clear();
    }

    public Serializer FindSerializerFor(object obj, string defaultSerializerName = null) => obj is null ? _null : FindSerializerForType(obj.GetType(), defaultSerializerName);

    /// <summary>The serialiser bound to the type itself, or to the most specific type it can be assigned to.</summary>
    public Serializer FindSerializerForType(Type objectType, string defaultSerializerName = null)
    {
        if (_byType.TryGetValue(objectType, out var known)) return known;
        KeyValuePair<Type, Serializer>? best = null;
        foreach (var binding in _bindings)
        {
            if (binding.Key.IsAssignableFrom(objectType) && (best is null || best.Value.Key.IsAssignableFrom(binding.Key))) best = binding;
        }
        var serializer = best?.Value;
        if (serializer is null && defaultSerializerName is not null) return _byName.GetValueOrDefault(defaultSerializerName) ?? throw new SerializationException($"No serializer named [{defaultSerializerName}]");
        if (serializer is null) throw new SerializationException($"Serializer not found for type {objectType.Name}: bind one in akka.actor.serialization-bindings");
        _byType[objectType] = serializer;
        return serializer;
    }

    public byte[] Serialize(object o) => FindSerializerFor(o).ToBinary(o);

    public object Deserialize(byte[] bytes, int serializerId, Type type) => ById(serializerId).FromBinary(bytes, type);

    public object Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = ById(serializerId);
        if (serializer is SerializerWithStringManifest own) return own.FromBinary(bytes, manifest);
        if (string.IsNullOrEmpty(manifest)) return serializer.FromBinary(bytes, null);
        var type = Type.GetType(manifest) ?? throw new SerializationException($"Cannot find manifest class [{manifest}] for serializer with id [{serializerId}].");
        return serializer.FromBinary(bytes, type);
    }

    private Serializer ById(int id) => _byId.TryGetValue(id, out var serializer)
        ? serializer
        : throw new SerializationException($"Cannot find serializer with id [{id}] (class [null]). The most probable reason is that the configuration entry 'akka.actor.serializers' is not in sync between the two systems.");

    /// <summary>The serialiser's own manifest, the type's name if it needs one, or nothing.</summary>
    public static string ManifestFor(Serializer s, object msg) => s switch
    {
        SerializerWithStringManifest own => own.Manifest(msg),
        { IncludeManifest: true } => Manifests.Of(msg.GetType()),
        _ => string.Empty,
    };

    public IActorRef DeserializeActorRef(string path) => System.Provider.ResolveActorRef(path);

    public static string SerializedActorPath(IActorRef actorRef)
    {
        if (actorRef is null or Nobody) return string.Empty;
        var address = t_transport?.Address ?? (actorRef as IInternalActorRef)?.Provider?.DefaultAddress;
        return address is null ? actorRef.Path.ToSerializationFormat() : actorRef.Path.ToSerializationFormatWithAddress(address);
    }

    public static Information GetCurrentTransportInformation() => t_transport ?? throw new InvalidOperationException("CurrentTransportInformation is not set. Use Serialization.WithTransport<T>.");

    /// <summary>Sets what references are written with on this thread, and returns what it was before.</summary>
    internal static Information ExchangeTransport(Information information)
    {
        var before = t_transport;
        t_transport = information;
        return before;
    }

    public static T WithTransport<T>(ActorSystem system, Address address, Func<T> action)
    {
        var before = t_transport;
        t_transport = new Information(address, system);
        try { return action(); }
        finally { t_transport = before; }
    }

    public static T WithTransport<T>(ExtendedActorSystem system, Func<T> action) => WithTransport(system, system.Provider.DefaultAddress, action);
}
