using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Tools;

/// <summary>The small binary formats of singleton, publish-subscribe and sharding.</summary>
internal static class Wire
{
    public static byte[] Write(ExtendedActorSystem system, Action<Writer> write)
    {
        using var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes)) write(new Writer(system, to));
        return bytes.ToArray();
    }

    internal sealed class Writer(ExtendedActorSystem system, BinaryWriter to)
    {
        public void Text(string text) => to.Write(text);

        public void Number(long number) => to.Write7BitEncodedInt64(number);

        public void Flag(bool flag) => to.Write(flag);

        // Always with this node's address, in the journal too: whoever reads it may be another node.
        public void Ref(IActorRef actor) => to.Write(actor.Path.ToSerializationFormatWithAddress(system.Provider.DefaultAddress));

        public void Address(Address address) => to.Write(address.ToString());

        public void Many<T>(IReadOnlyCollection<T> all, Action<T> write)
        {
            to.Write7BitEncodedInt(all.Count);
            foreach (var each in all) write(each);
        }

        public void Payload(object message)
        {
            var serializer = system.Serialization.FindSerializerFor(message);
            var bytes = serializer.ToBinary(message);
            Number(serializer.Identifier);
            Text(Akka.Serialization.Serialization.ManifestFor(serializer, message));
            to.Write7BitEncodedInt(bytes.Length);
            to.Write(bytes);
        }
    }

    internal sealed class Reader(ExtendedActorSystem system, byte[] bytes)
    {
        private readonly BinaryReader _from = new(new MemoryStream(bytes, writable: false));

        public string Text() => _from.ReadString();

        public long Number() => _from.Read7BitEncodedInt64();

        public bool Flag() => _from.ReadBoolean();

        public IActorRef Ref() => system.Provider.ResolveActorRef(_from.ReadString());

        public Address Address() => Actor.Address.Parse(_from.ReadString());

        public IReadOnlyList<T> Many<T>(Func<T> read)
        {
            var all = new List<T>();
            for (var left = _from.Read7BitEncodedInt(); left > 0; left--) all.Add(read());
            return all;
        }

        public object Payload()
        {
            var (id, manifest) = ((int)Number(), Text());
            return system.Serialization.Deserialize(_from.ReadBytes(_from.Read7BitEncodedInt()), id, manifest);
        }
    }
}
