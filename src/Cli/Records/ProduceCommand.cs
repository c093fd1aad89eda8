using System.CommandLine;
using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Cli.Records;

/// <summary><c>actors produce</c>: a record a line, with the flags and properties of kafka-console-producer.</summary>
internal static class ProduceCommand
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    public static Command Build(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var topic = Options.Topic("The topic to write to.");
        topic.Required = true;
        var partition = new Option<int?>("--partition") { Description = "Write to this one; left out: by the key.", HelpName = "n" };
        var codec = new Option<string>("--compression-codec", "--compression-type")
        {
            Description = "none, gzip, snappy, lz4 or zstd; gzip when only the flag is given.", HelpName = "codec", DefaultValueFactory = _ => "none", Arity = ArgumentArity.ZeroOrOne,
        };
        var acks = new Option<string>("--request-required-acks", "--acks") { Description = "-1 or all, 1, 0.", HelpName = "acks", DefaultValueFactory = _ => "-1" };
        var batchSize = new Option<int>("--batch-size") { Description = "Bytes at which a batch is full.", HelpName = "bytes", DefaultValueFactory = _ => 64 << 10 };
        var linger = new Option<int>("--timeout") { Description = "How long a batch that is not full waits for more, in ms.", HelpName = "ms", DefaultValueFactory = _ => 0 };
        var properties = Options.Properties(string.Join(", ", LineParser.Known));
        var command = new ExampleCommand("produce", "Write a record for each line of standard input.", "echo 'Acme:{\"rating\":5}' | actors produce --topic ratings --property parse.key=true --property key.separator=:")
        {
            servers, topic, partition, codec, acks, batchSize, linger, properties,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var parser = new LineParser(parsed.GetValue(topic)!, parsed.GetValue(partition), Options.Pairs("--property", parsed.GetValue(properties)!, LineParser.Known));
            var producing = new ProducerOptions
            {
                Acks = Acks(parsed.GetValue(acks)!),
                Idempotent = Acks(parsed.GetValue(acks)!) == -1,
                Compression = Codec(parsed.GetValue(codec) ?? "gzip"),
                BatchSize = Math.Max(parsed.GetValue(batchSize), 1),
                Linger = TimeSpan.FromMilliseconds(parsed.GetValue(linger)),
                MaxBlock = TimeSpan.FromSeconds(10),
            };
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await RunAsync(terminal, client, producing, parser, cancellation);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(Terminal terminal, ClusterClient client, ProducerOptions options, LineParser parser, CancellationToken cancellation)
    {
        var producer = new Producer(client, options);
        try
        {
            Prompt(terminal);
            await foreach (var line in InputLines.ReadAsync(terminal.Input, cancellation))
            {
                var record = parser.Parse(line);
                if (terminal.IsInteractive) await producer.SendAsync(record, cancellation);
                else await producer.PostAsync(record, cancellation);
                if (producer.Failure is { } lost) throw lost;
                Prompt(terminal);
            }
            await producer.FlushAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl+C: what was read is still sent.
            await producer.CloseAsync(FarewellTime);
            if (producer.Failure is { } lost) throw lost;
        }
        catch (CommandFailedException)
        {
            // The lines before the bad one are still sent.
            await producer.CloseAsync(FarewellTime);
            throw;
        }
        finally
        {
            await producer.CloseAsync(TimeSpan.Zero);
        }
    }

    private static void Prompt(Terminal terminal)
    {
        if (terminal.IsInteractive) terminal.Output.Write(">"u8);
    }

    private static short Acks(string text) => text switch
    {
        "all" or "-1" => -1,
        "1" => 1,
        "0" => 0,
        _ => throw new UsageException($"--request-required-acks {text}: -1, all, 1 or 0 is meant"),
    };

    private static Compression Codec(string text) => text switch
    {
        "none" => Compression.None,
        "gzip" => Compression.Gzip,
        "snappy" => Compression.Snappy,
        "lz4" => Compression.Lz4,
        "zstd" => Compression.Zstd,
        _ => throw new UsageException($"--compression-codec {text}: none, gzip, snappy, lz4 or zstd is meant"),
    };
}
