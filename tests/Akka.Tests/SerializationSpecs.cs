using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Xunit;

namespace Akka.Tests;

public interface IMarked;

public record Base : IMarked;

public sealed record Special : Base;

public sealed class MarkSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override string Manifest(object o) => o is Special ? "special" : "base";

    public override byte[] ToBinary(object obj) => [1];

    public override object FromBinary(byte[] bytes, string manifest) => manifest == "special" ? new Special() : new Base();
}

public sealed class SpecialSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override int Identifier => 901;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => [2];

    public override object FromBinary(byte[] bytes, Type type) => Activator.CreateInstance(type)!;
}

public sealed class SerializationSpecs() : Akka.TestKit.Xunit2.TestKit(Configured)
{
    private static readonly Config Configured = ConfigurationFactory.ParseString("""
        akka.actor {
          serializers {
            mark = "Akka.Tests.MarkSerializer, Akka.Tests"
            special = "Akka.Tests.SpecialSerializer, Akka.Tests"
          }
          serialization-bindings {
            "Akka.Tests.IMarked, Akka.Tests" = mark
            "Akka.Tests.Special, Akka.Tests" = special
          }
          serialization-identifiers { "Akka.Tests.MarkSerializer, Akka.Tests" = 900 }
        }
        """);

    [Fact]
    public void The_most_specific_binding_serialises()
    {
        Assert.Equal(900, Sys.Serialization.FindSerializerFor(new Base()).Identifier);
        Assert.Equal(901, Sys.Serialization.FindSerializerForType(typeof(Special)).Identifier);
    }

    [Fact]
    public void Objects_come_back_by_id_and_manifest()
    {
        foreach (var o in new object[] { new Base(), new Special(), new byte[] { 1, 2 }, "text", 5, 6L })
        {
            var serializer = Sys.Serialization.FindSerializerFor(o);
            var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, o);
            Assert.Equal(o, Sys.Serialization.Deserialize(serializer.ToBinary(o), serializer.Identifier, manifest));
        }
    }

    [Fact]
    public void Bytes_are_not_copied()
    {
        byte[] bytes = [1, 2, 3];
        Assert.Same(bytes, Sys.Serialization.FindSerializerFor(bytes).ToBinary(bytes));
    }

    [Fact]
    public void An_unknown_id_is_refused() => Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize([], 12345, ""));

    [Fact]
    public void References_are_written_as_paths_and_resolved()
    {
        var path = Akka.Serialization.Serialization.SerializedActorPath(TestActor);
        Assert.Equal(TestActor, Sys.Serialization.DeserializeActorRef(path));
        var address = Address.Parse("akka.tcp://sys@host:1");
        Assert.StartsWith("akka.tcp://sys@host:1/system/", Akka.Serialization.Serialization.WithTransport(Sys, address, () => Akka.Serialization.Serialization.SerializedActorPath(TestActor)));
    }
}
