using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using FsCheck.Fluent;

namespace Akka.Remote.Tests;

public sealed class LimitSpecs() : RemoteSpec("akka.remote { outbound-message-queue-size = 100, system-message-buffer-size = 50 }")
{
    [Fact]
    public void What_waits_for_a_node_that_takes_nothing_is_bounded_and_the_sender_goes_on()
    {
        var (there, proxy) = StartBehindProxy();
        var probe = CreateTestProbe(there);
        var target = Resolve(probe.Ref, there);
        Sys.EventStream.Subscribe(TestActor, typeof(Dropped));
        proxy.Hold();
        var started = DateTime.UtcNow;
        for (var i = 0; i < 1000; i++) target.Tell(new Numbered(i, null, new byte[60_000]), ActorRefs.NoSender);
        Assert.True(DateTime.UtcNow - started < TimeSpan.FromSeconds(10), "the sender had to wait");
        var dropped = 1;
        Assert.Contains(AddressOf(there).ToString(), ExpectMsg<Dropped>().Reason);
        while (HasMessages)
        {
            ExpectMsg<Dropped>();
            dropped++;
        }
        proxy.Release();
        var previous = -1;
        for (var i = 0; i < 1000 - dropped; i++)
        {
            var number = probe.ExpectMsg<Numbered>(TimeSpan.FromSeconds(5)).Number;
            Assert.True(number > previous);
            previous = number;
        }
        probe.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        Assert.InRange(dropped, 500, 900);
    }

    [Fact]
    public void More_system_messages_than_may_wait_quarantine_the_node()
    {
        var (there, proxy) = StartBehindProxy();
        var actors = Enumerable.Range(0, 60).Select(i => Resolve(StartEcho(there, "a" + i), there)).ToList();
        Sys.EventStream.Subscribe(TestActor, typeof(QuarantinedEvent));
        proxy.Hold();
        var watcher = CreateTestProbe();
        foreach (var actor in actors) watcher.Watch(actor);
        Assert.Equal(AddressOf(there), ExpectMsg<QuarantinedEvent>(TimeSpan.FromSeconds(5)).Address);
    }

    [Fact]
    public void Any_bytes_on_the_port_leave_the_node_as_it_was()
    {
        var bytes = Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>());
        var check = Prop.ForAll(bytes.ToArbitrary(), b =>
        {
            using var socket = Connect();
            Send(socket, b);
        });
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(50), check);
        Answers();
    }

    [Fact]
    public void Any_frames_after_a_right_handshake_leave_the_node_as_it_was()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(RemotingErrorEvent));
        var text = Gen.Elements("", "/", "/user/a", "/user/a#12", "/user/#x", "#", "//", "/user/a/../b", "akka.tcp://x@y:1/user/a", "akka.tcp://x@y:99999/user/a", "akka://here/user#-1", "\u20ac/\ud83d", "S", "ID", "AR");
        var number = Gen.Frequency((3, Gen.Elements(0, 4, 6, 16, 17, 22, 9100)), (1, ArbMap.Default.GeneratorFor<int>()));
        var message = from kind in Gen.Elements<byte>(4, 5)
                      from sequence in Gen.Choose(0, 3)
                      from id in number
                      from manifest in text
                      from recipient in text
                      from sender in text
                      from payload in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>())
                      select (byte[])[kind, .. kind == 5 ? BitConverter.GetBytes((long)sequence) : [], .. BitConverter.GetBytes(id), .. Text(manifest), .. Text(recipient), .. Text(sender), .. payload];
        var frame = Gen.OneOf(message, Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>()).Where(b => b.Length > 0));
        var check = Prop.ForAll(Gen.ArrayOf(frame).ToArbitrary(), frames =>
        {
            using var socket = Connect();
            Send(socket, Hello(AddressOf(Sys)));
            Send(socket, [.. frames.SelectMany(f => Length(f.Length).Concat(f))]);
            socket.Shutdown(SocketShutdown.Send);
            AssertClosed(socket, "frames");
        });
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(200), check);
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        Answers();
    }

    public static TheoryData<string, byte[]> Attacks => new()
    {
        { "a frame of 2 GiB", Length(int.MaxValue) },
        { "a frame of a negative length", Length(-1) },
        { "an empty frame", Length(0) },
        { "a length and nothing after it", Length(1000) },
        { "a handshake of another protocol", [.. Length(9), 1, .. "GET / HT"u8] },
        { "a handshake that ends early", [.. Length(6), 1, 0x54, 0x53, 0x4B, 0x41, 1] },
        { "a message instead of a handshake", [.. Length(3), 4, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void A_broken_handshake_closes_the_connection_and_nothing_else(string attack, byte[] bytes)
    {
        using var socket = Connect();
        Send(socket, bytes);
        if (attack != "a length and nothing after it") AssertClosed(socket, attack);
        Answers();
    }

    [Theory]
    [InlineData("a frame of 2 GiB")]
    [InlineData("a frame above the maximum")]
    [InlineData("a frame of an unknown kind")]
    [InlineData("a message that ends early")]
    public void Broken_frames_after_a_right_handshake_close_the_connection_and_nothing_else(string attack)
    {
        using var socket = Connect();
        Send(socket, Hello(AddressOf(Sys)));
        var welcome = new byte[9];
        Assert.Equal(9, socket.Receive(welcome));
        Assert.Equal(2, welcome[4]);
        Send(socket, attack switch
        {
            "a frame of 2 GiB" => Length(int.MaxValue),
            "a frame above the maximum" => Length(128_001),
            "a frame of an unknown kind" => [.. Length(1), 77],
            _ => [.. Length(3), 4, 0, 0],
        });
        AssertClosed(socket, attack);
        Answers();
    }

    [Fact]
    public void Who_wants_another_node_is_told_so()
    {
        using var socket = Connect();
        Send(socket, Hello(AddressOf(Sys).WithPort(1)));
        var answer = new byte[200];
        var count = socket.Receive(answer);
        Assert.Equal(3, answer[4]);
        Assert.Contains("is wanted", System.Text.Encoding.UTF8.GetString(answer, 0, count));
        socket.Shutdown(SocketShutdown.Send);
        AssertClosed(socket, "another node");
    }

    private void Answers()
    {
        var there = StartNode("asker");
        Assert.NotNull(there.ActorSelection(AddressOf(Sys) + "/user").ResolveOne(TimeSpan.FromSeconds(5)).GetAwaiter().GetResult());
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, AddressOf(Sys).Port!.Value));
        return socket;
    }

    private static byte[] Text(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return [.. BitConverter.GetBytes((ushort)bytes.Length), .. bytes];
    }

    private static byte[] Hello(Address to)
    {
        byte[] body = [1, .. BitConverter.GetBytes(0x414B5354), 1, .. BitConverter.GetBytes(4711), .. Text("akka.tcp://stranger@127.0.0.1:9"), .. Text(to.ToString())];
        return [.. Length(body.Length), .. body];
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }

    private static void Send(Socket socket, byte[] bytes)
    {
        try { socket.Send(bytes); }
        catch (SocketException) { /* closed already: that is an answer too */ }
    }

    private static void AssertClosed(Socket socket, string attack)
    {
        try
        {
            var buffer = new byte[100];
            while (socket.Receive(buffer) > 0) { }
        }
        catch (SocketException e)
        {
            Assert.True(e.SocketErrorCode == SocketError.ConnectionReset, $"{attack}: {e.SocketErrorCode}");
        }
    }
}
