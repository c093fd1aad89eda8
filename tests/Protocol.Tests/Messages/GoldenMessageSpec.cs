using System.Buffers;
using System.Text.Json;
using Xunit;

namespace Actors.Protocol.Tests.Messages;

/// <summary>Every message in every version, as Kafka's own classes write it, both ways.</summary>
public class GoldenMessageSpec
{
    private static readonly ILookup<string, JsonElement> Golden =
        WireData.Lines("golden.jsonl").Concat(WireData.Lines("golden-next.jsonl")).ToLookup(line => line.String("message"));

    public static TheoryData<string> Messages() => new(Golden.Select(lines => lines.Key));

    [Theory, MemberData(nameof(Messages))]
    public void Bytes_become_the_object_and_the_object_those_bytes(string message)
    {
        foreach (var line in Golden[message])
        {
            var (name, version, hex) = Describe(line);
            var read = MessageCodec.Read(message, version, line.Hex());
            AssertSame(name, JsonMapper.Text(JsonMapper.FromJson(JsonMapper.TypeOf(message), line.GetProperty("json"))), JsonMapper.Text(read));
            AssertSame(name, hex, Convert.ToHexStringLower(MessageCodec.Write(read, version)));
        }
    }

    [Theory, MemberData(nameof(Messages))]
    public void The_object_of_the_json_becomes_those_bytes(string message)
    {
        foreach (var line in Golden[message])
        {
            var (name, version, hex) = Describe(line);
            var made = (IMessage)JsonMapper.FromJson(JsonMapper.TypeOf(message), line.GetProperty("json"))!;
            AssertSame(name, hex, Convert.ToHexStringLower(MessageCodec.Write(made, version)));
        }
    }

    [Theory, MemberData(nameof(Messages))]
    public void Bytes_in_segments_read_as_in_one_piece(string message)
    {
        var line = Golden[message].Last(candidate => candidate.String("instance") == "filled");
        var (name, version, hex) = Describe(line);
        var reader = new ProtocolReader(Segmented.Of(line.Hex(), size: 3));
        if (line.GetProperty("apiKey").ValueKind == JsonValueKind.Null) return;
        var key = (ApiKey)line.GetProperty("apiKey").GetInt16();
        var read = message.EndsWith("Request", StringComparison.Ordinal)
            ? ApiVersionTable.ReadRequest(key, ref reader, version)
            : ApiVersionTable.ReadResponse(key, ref reader, version);
        Assert.Equal(message, read.GetType().Name);
        AssertSame(name, hex, Convert.ToHexStringLower(MessageCodec.Write(read, version)));
    }

    [Fact]
    public void Unknown_tagged_fields_are_dropped()
    {
        var seen = 0;
        foreach (var line in WireData.Lines("unknown-tags.jsonl"))
        {
            var message = line.String("message");
            var (name, version, hex) = Describe(line);
            var read = MessageCodec.Read(message, version, line.Hex());
            AssertSame(name, JsonMapper.Text(JsonMapper.FromJson(JsonMapper.TypeOf(message), line.GetProperty("json"))), JsonMapper.Text(read));
            Assert.NotEqual(hex, Convert.ToHexStringLower(MessageCodec.Write(read, version)));
            seen++;
        }

        Assert.Equal(126, seen);
    }

    [Fact]
    public void The_golden_files_name_every_version_of_every_definition()
    {
        Assert.Equal(132, Golden.Count);
        foreach (var lines in Golden)
        {
            var type = JsonMapper.TypeOf(lines.Key);
            var versions = lines.Select(line => line.GetProperty("version").GetInt16()).Distinct().Order().ToList();
            Assert.Equal((short)type.GetField("MinVersion")!.GetRawConstantValue()!, versions[0]);
            Assert.Equal((short)type.GetField("MaxVersion")!.GetRawConstantValue()!, versions[^1]);
        }
    }

    private static (string Name, short Version, string Hex) Describe(JsonElement line)
    {
        var version = line.GetProperty("version").GetInt16();
        return ($"{line.String("message")} version {version}, {line.String("instance")}", version, line.String("hex"));
    }

    private static void AssertSame(string name, string expected, string actual) => Assert.True(expected == actual, $"{name}\nexpected {expected}\nactual   {actual}");
}
