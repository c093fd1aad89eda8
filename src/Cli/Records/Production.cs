using Actors.Client;

namespace Actors.Cli.Records;

/// <summary>Writes a record for each line of the input.</summary>
internal static class Production
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Terminal terminal, ClusterClient client, ProducerOptions options, LineParser parser, bool sync, CancellationToken cancellation)
    {
        var producer = new Producer(client, options);
        using var progress = new Progress(terminal, "records written");
        var written = 0L;
        try
        {
            Prompt(terminal);
            await foreach (var line in InputLines.ReadAsync(terminal.Input, cancellation))
            {
                var record = parser.Parse(line);
                if (sync || terminal.IsInteractive) await producer.SendAsync(record, cancellation);
                else await producer.PostAsync(record, cancellation);
                if (producer.Failure is { } lost) throw lost;
                if (!terminal.IsInteractive) progress.At(++written);
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
}
