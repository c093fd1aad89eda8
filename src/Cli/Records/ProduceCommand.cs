using System.CommandLine;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary><c>actors produce</c>: a record a line, with the flags and properties of kafka-console-producer.</summary>
internal static class ProduceCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Needed("--topic", "The topic to write to.");
        var partition = Flags.Of<int?>("--partition", "Write to this one; left out: by the key.");
        var codec = Flags.Needed("--compression-codec", otherwise: "none");
        codec.Arity = ArgumentArity.ZeroOrOne;
        var acks = Flags.Needed("--request-required-acks", otherwise: "-1");
        var batchSize = Flags.Of<int>("--batch-size");
        batchSize.DefaultValueFactory = _ => 64 << 10;
        var linger = Flags.Of<int>("--timeout");
        linger.DefaultValueFactory = _ => 0;
        var properties = Flags.Of<string[]>("--property", $"How lines are read; may be given several times. Known: {string.Join(", ", LineParser.Known)}.");
        var command = new ExampleCommand("produce", "Write a record for each line of standard input.", "echo 'Acme:{\"rating\":5}' | actors produce --topic ratings --property parse.key=true --property key.separator=:")
        {
            servers, topic, partition, codec, acks, batchSize, linger, properties,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var parser = new LineParser(parsed.GetValue(topic)!, parsed.GetValue(partition), FlagValues.Pairs("--property", parsed.GetValue(properties)!, LineParser.Known));
            var producing = new ProducerOptions
            {
                Acks = Acks(parsed.GetValue(acks)!),
                Idempotent = Acks(parsed.GetValue(acks)!) == -1,
                Compression = Codec(parsed.GetValue(codec) ?? "gzip"),
                BatchSize = Math.Max(parsed.GetValue(batchSize), 1),
                Linger = TimeSpan.FromMilliseconds(parsed.GetValue(linger)),
                MaxBlock = TimeSpan.FromSeconds(10),
            };
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await Production.RunAsync(terminal, client, producing, parser, sync: false, cancellation);
            return 0;
        });
        return command;
    }

    public static short Acks(string text) => text switch
    {
        "all" or "-1" => -1,
        "1" => 1,
        "0" => 0,
        _ => throw new UsageException($"--request-required-acks {text}: -1, all, 1 or 0 is meant"),
    };

    public static Compression Codec(string text) => text switch
    {
        "none" => Compression.None,
        "gzip" => Compression.Gzip,
        "snappy" => Compression.Snappy,
        "lz4" => Compression.Lz4,
        "zstd" => Compression.Zstd,
        _ => throw new UsageException($"--compression-codec {text}: none, gzip, snappy, lz4 or zstd is meant"),
    };
}
